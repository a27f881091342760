package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PackedKeyTest {
  private static final Instant CREATED = Instant.parse("2026-11-21T12:00:00.123456Z");
  private static final ApiKeyId ID = ApiKeyId.of("key_01m7yzmhkvkfqpeg9kycd73sp1");
  private static final KeyGrants GRANTS =
      KeyGrants.none()
          .withScopes(ScopeSet.of("flows:read"))
          .withLimit(RateLimit.of("minute", 100, Duration.ofMinutes(1)));

  private static ApiKey key(
      String name, Optional<Instant> expiresAt, ApiKeyId family, boolean enabled) {
    return new ApiKey(
        ID,
        OrganizationId.of("acme"),
        name,
        Optional.empty(),
        "ak_live_01234567",
        KeyMode.LIVE,
        GRANTS,
        enabled,
        "Zo\u00EB",
        CREATED,
        CREATED.plusNanos(1_000),
        expiresAt,
        Optional.empty(),
        family,
        Optional.empty(),
        KeyUse.never(),
        3);
  }

  private static ApiKey again(ApiKey key) {
    byte[] packed = Objects.requireNonNull(PackedKey.pack(key));
    return PackedKey.unpack(packed, key.id(), key.organization(), key.mode(), key.grants());
  }

  @Test
  void whatIsUnpackedEqualsWhatWasPacked() {
    ApiKey plain = key("server", Optional.empty(), ID, true);
    String name = "\u65E5\u672C \uD83D\uDD11".repeat(20);
    ApiKey odd = key(name, Optional.of(CREATED.minusSeconds(1L << 33)), ID, false);

    assertThat(again(plain)).isEqualTo(plain);
    assertThat(again(odd)).isEqualTo(odd);
  }

  @Test
  void keysThatAreNotAsMostAreAreLeftWhole() {
    ApiKey plain = key("server", Optional.empty(), ID, true);

    assertThat(PackedKey.pack(key("server", Optional.empty(), ApiKeyId.of("key_first"), true)))
        .isNull();
    assertThat(PackedKey.pack(plain.revoked("leaked", CREATED))).isNull();
    assertThat(PackedKey.pack(plain.replacedAtOnce(ApiKeyId.of("key_next"), CREATED))).isNull();
    assertThat(PackedKey.pack(key("server", Optional.of(Instant.MAX), ID, true))).isNull();
  }
}
