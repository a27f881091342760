package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.CompactId;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedKeyTest {
  private static final Instant CREATED = Instant.parse("2026-11-21T12:00:00.123456Z");
  private static final ApiKeyId ID = ApiKeyId.of("key_01m7yzmhkvkfqpeg9kycd73sp1");
  private static final KeyGrants GRANTS =
      KeyGrants.none()
          .withScopes(ScopeSet.of("flows:read"))
          .withLimit(RateLimit.of("minute", 100, Duration.ofMinutes(1)));

  private static ApiKey key(
      ApiKeyId id, String name, Optional<String> description, Optional<Instant> expiresAt) {
    return new ApiKey(
        id,
        OrganizationId.of("acme"),
        name,
        description,
        "ak_live_01234567",
        KeyMode.LIVE,
        GRANTS,
        true,
        "Zo\u00EB",
        CREATED,
        CREATED.plusNanos(1_000),
        expiresAt,
        Optional.empty(),
        id,
        Optional.empty(),
        KeyUse.never(),
        3);
  }

  /** As a look-up would find it, with its family and version, on or off, packed and unpacked. */
  private static ApiKey rotated(ApiKey key, String family, boolean enabled, long version) {
    return new ApiKey(
        key.id(),
        key.organization(),
        key.name(),
        key.description(),
        key.prefix(),
        KeyMode.TEST,
        key.grants(),
        enabled,
        key.createdBy(),
        key.createdAt(),
        key.updatedAt(),
        key.expiresAt(),
        Optional.empty(),
        ApiKeyId.of(family),
        Optional.empty(),
        KeyUse.never(),
        version);
  }

  private static ApiKey again(ApiKey key) {
    byte[] packed = Objects.requireNonNull(PackedKey.pack(key));
    return PackedKey.unpack(
        packed, key.id(), key.organization(), key.mode(), key.grants(), key.expiresAt());
  }

  private static CachedKey cached(ApiKey key) {
    return new CachedKey(
        new KeyHash(1, 2, 3, 4),
        key,
        new KeyLookup(key, Organization.Status.ACTIVE, List.of(), false),
        null,
        0);
  }

  @Test
  void whatIsUnpackedEqualsWhatWasPacked() {
    ApiKey plain = key(ID, "server", Optional.empty(), Optional.empty());
    String name = "\u65E5\u672C \uD83D\uDD11".repeat(20);
    ApiKey odd = key(ID, name, Optional.of("\u65E5".repeat(1_000)), Optional.of(CREATED));
    ApiKey next = rotated(odd, "key_first", false, Long.MAX_VALUE);

    assertThat(again(plain)).isEqualTo(plain);
    assertThat(again(odd)).isEqualTo(odd);
    assertThat(again(next)).isEqualTo(next);
  }

  @Test
  void keysThatAreNotAsMostAreAreLeftWhole() {
    ApiKey plain = key(ID, "server", Optional.empty(), Optional.empty());

    assertThat(PackedKey.pack(plain.revoked("leaked", CREATED))).isNull();
    assertThat(PackedKey.pack(plain.replacedAtOnce(ApiKeyId.of("key_next"), CREATED))).isNull();
    assertThat(PackedKey.pack(plain.withEnabled(false, Instant.MAX))).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key_01m7yzmhkvkfqpeg9kycd73sp1",
        "key_01M7YZMHKVKFQPEG9KYCD73SP1",
        "key_81m7yzmhkvkfqpeg9kycd73sp1",
        "KEY_01m7yzmhkvkfqpeg9kycd73sp1",
        "key_1",
        "7"
      })
  void cachedKeyIsTheKeyWhateverItsId(String id) {
    ApiKey key = key(ApiKeyId.of(id), "server", Optional.of("of Zo\u00EB"), Optional.empty());
    ApiKey next = rotated(key, "key_first", true, 1L << 40);
    ApiKey revoked = key.revoked("leaked", CREATED);

    for (ApiKey each : List.of(key, next, revoked)) {
      assertThat(cached(each).id()).isEqualTo(each.id());
      assertThat(cached(each).mode()).isEqualTo(each.mode());
      assertThat(cached(each).key()).isEqualTo(each);
      assertThat(cached(each).tenant().actor().id()).isEqualTo(id);
      assertThat(cached(each).usable()).isEqualTo(!each.equals(revoked));
      assertThat(cached(each).isReplaced()).isFalse();
    }
    assertThat(cached(key).packedLength()).isLessThan(200);
    assertThat(cached(key.replacedAtOnce(ApiKeyId.of("key_2"), CREATED)).isReplaced()).isTrue();
  }

  @Test
  void randomIdsOfOursComeBack() {
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      String id = CompactId.text("key", random.nextLong(), random.nextLong());
      ApiKey key = key(ApiKeyId.of(id), "server", Optional.empty(), Optional.empty());

      assertThat(cached(key).id().value()).isEqualTo(id);
      assertThat(cached(key).key()).isEqualTo(key);
    }
  }

  @Test
  void factsAreToldApart() {
    ApiKey key = key(ID, "server", Optional.empty(), Optional.empty());
    for (Organization.Status status : Organization.Status.values()) {
      for (boolean awaits : new boolean[] {false, true}) {
        CachedKey cached =
            new CachedKey(
                new KeyHash(1, 2, 3, 4),
                key,
                new KeyLookup(key, status, List.of(), awaits),
                null,
                0);

        assertThat(cached.status()).isEqualTo(status);
        assertThat(cached.awaitsFirstUse()).isEqualTo(awaits);
        assertThat(cached.usable()).isEqualTo(status == Organization.Status.ACTIVE);
        assertThat(cached.isReplaced()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-21T12:00:01.123456Z",
        "2026-11-21T12:00:01.123999999Z",
        "1969-12-31T23:59:59.999999Z",
        "-1000000000-01-01T00:00:00Z",
        "+1000000000-12-31T23:59:59.999999999Z"
      })
  void expiryIsKeptToTheLastDigit(String text) {
    Instant end = Instant.parse(text);
    CachedKey cached = cached(key(ID, "server", Optional.empty(), Optional.of(end)));

    assertThat(cached.key().expiresAt()).contains(end);
    assertThat(cached.tenant().ceilings().get(0).expiresAt()).contains(end);
    boolean past = end.isBefore(CREATED);
    assertThat(CREATED.toEpochMilli() >= cached.expiresAtMillis()).isEqualTo(past);
  }

  @Test
  void cachedKeyEndsWithinTheMillisecondBeforeItsExpiry() {
    for (int micros = 0; micros < 2_000; micros += 7) {
      Instant end = Instant.ofEpochSecond(-1).plusNanos(micros * 1_000L);
      CachedKey cached = cached(key(ID, "server", Optional.empty(), Optional.of(end)));

      Instant refusedFrom = Instant.ofEpochMilli(cached.expiresAtMillis());
      assertThat(Duration.between(refusedFrom, end))
          .isBetween(Duration.ZERO, Duration.ofNanos(999_000));
    }
  }
}
