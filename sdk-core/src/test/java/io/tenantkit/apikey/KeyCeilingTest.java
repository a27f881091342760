package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No key outlives its creator or is limited less, by whatever way it comes about. */
class KeyCeilingTest extends ApiKeyTestBase {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration LIFE = Duration.ofDays(10);
  private static final RateLimit OWN =
      new RateLimit("calls", 100, MINUTE, 20, RateLimit.Mode.SHARED, RateLimit.OnFailure.CLOSED);
  private static final Credits OWN_CREDITS =
      new Credits(1_000, Optional.of(new Credits.Refill(10, Duration.ofHours(1))));

  private final NewApiKey child = NewApiKey.live("child").scopes("flows:read");

  /** A key with everything in it, and the context of whoever presents it. */
  private TenantContext creator() {
    NewApiKey parent =
        NewApiKey.live("parent")
            .scopes("api-keys:*", "flows:*")
            .limit(OWN)
            .credits(OWN_CREDITS)
            .lifetime(LIFE);
    return tenantOf(keys.create(acme, parent));
  }

  private TenantContext boundTo(String... addresses) {
    return creator()
        .under(
            new io.tenantkit.tenant.Ceiling(
                Optional.empty(), List.of(), Optional.empty(), AddressList.of(addresses)));
  }

  @Test
  void whatIsNotAskedForIsInherited() {
    ApiKey key = keys.create(creator(), child).key();

    assertThat(key.expiresAt()).contains(START.plus(LIFE));
    assertThat(key.grants().limits()).containsExactly(OWN);
    assertThat(key.grants().credits()).contains(OWN_CREDITS);
    assertThat(keys.create(boundTo("192.0.2.0/24"), child).key().grants().addresses())
        .isEqualTo(AddressList.of("192.0.2.0/24"));
  }

  @Test
  void grandchildIsHeldToWhatTheChildInherited() {
    TenantContext asChild =
        tenantOf(keys.create(creator(), NewApiKey.live("child").scopes("api-keys:*")));

    ApiKey key = keys.create(asChild, NewApiKey.live("grandchild")).key();

    assertThat(key.grants().limits()).containsExactly(OWN);
    assertThat(key.grants().credits()).contains(OWN_CREDITS);
    assertThat(key.expiresAt()).contains(START.plus(LIFE));
    assertThatThrownBy(() -> keys.create(asChild, child)).isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void laterEndIsRefusedAndAnEarlierOneIsNot() {
    TenantContext creator = creator();

    assertThat(keys.create(creator, child.lifetime(LIFE)).key().expiresAt())
        .contains(START.plus(LIFE));
    assertThat(keys.create(creator, child.lifetime(MINUTE)).key().expiresAt())
        .contains(START.plus(MINUTE));
    assertThatThrownBy(() -> keys.create(creator, child.lifetime(LIFE.plusNanos(1_000))))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("a key cannot outlive its creator");
  }

  static List<RateLimit> tighter() {
    return List.of(
        OWN,
        with(100, MINUTE, 1, RateLimit.Mode.SHARED),
        with(100, MINUTE, 20, RateLimit.Mode.LEASED),
        with(6_000, Duration.ofHours(1), 20, RateLimit.Mode.SHARED),
        with(1, Duration.ofMillis(600), 20, RateLimit.Mode.SHARED),
        // The products are beyond 64 bits.
        with(52_704_000, Duration.ofDays(366), 20, RateLimit.Mode.SHARED));
  }

  static List<RateLimit> looser() {
    return List.of(
        with(101, MINUTE, 20, RateLimit.Mode.SHARED),
        with(100, MINUTE.minusNanos(1), 20, RateLimit.Mode.SHARED),
        with(100, MINUTE, 21, RateLimit.Mode.SHARED),
        with(100, MINUTE, 20, RateLimit.Mode.LOCAL),
        with(6_001, Duration.ofHours(1), 20, RateLimit.Mode.SHARED),
        with(52_704_001, Duration.ofDays(366), 20, RateLimit.Mode.SHARED),
        with(RateLimit.MAX_REQUESTS, Duration.ofDays(366), 20, RateLimit.Mode.SHARED),
        new RateLimit("calls", 100, MINUTE, 20, RateLimit.Mode.SHARED, RateLimit.OnFailure.OPEN));
  }

  private static RateLimit with(long limit, Duration window, long burst, RateLimit.Mode mode) {
    return new RateLimit("calls", limit, window, burst, mode, RateLimit.OnFailure.CLOSED);
  }

  @ParameterizedTest
  @MethodSource("tighter")
  void limitThatAdmitsNoMoreIsGranted(RateLimit wanted) {
    assertThat(keys.create(creator(), child.limit(wanted)).key().grants().limits())
        .containsExactly(wanted);
  }

  @ParameterizedTest
  @MethodSource("looser")
  void limitThatAdmitsMoreIsRefused(RateLimit wanted) {
    assertThatThrownBy(() -> keys.create(creator(), child.limit(wanted)))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("limit calls cannot be looser than its creator's");
  }

  @Test
  void limitOfAnotherNameComesBesidesTheInheritedOne() {
    RateLimit other = RateLimit.of("burst", 1_000_000, MINUTE);

    assertThat(keys.create(creator(), child.limit(other)).key().grants().limits())
        .containsExactly(other, OWN);
  }

  @Test
  void creditsAreNoMoreThanTheCreatorsNorComeBackFaster() {
    TenantContext creator = creator();
    for (Credits wanted :
        List.of(
            new Credits(1_001, Optional.empty()),
            new Credits(1, Optional.of(new Credits.Refill(11, Duration.ofHours(1)))),
            new Credits(1, Optional.of(new Credits.Refill(1, Duration.ofSeconds(359)))))) {
      assertThatThrownBy(() -> keys.create(creator, child.credits(wanted)))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("credits cannot be more than their creator's");
    }
    for (Credits wanted :
        List.of(
            new Credits(1_000, Optional.empty()),
            OWN_CREDITS,
            new Credits(1, Optional.of(new Credits.Refill(1, Duration.ofMinutes(6)))))) {
      assertThat(keys.create(creator, child.credits(wanted)).key().grants().credits())
          .contains(wanted);
    }
    TenantContext withoutRefill =
        tenantOf(
            keys.create(
                acme,
                NewApiKey.live("x")
                    .scopes("api-keys:*")
                    .credits(new Credits(10, Optional.empty()))));
    assertThatThrownBy(
            () ->
                keys.create(
                    withoutRefill,
                    NewApiKey.live("y")
                        .credits(new Credits(10, Optional.of(new Credits.Refill(1, LIFE))))))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void addressesBeyondTheCreatorsAreRefused() {
    TenantContext bound = boundTo("192.0.2.0/24", "2001:db8::/32");

    assertThatThrownBy(() -> keys.create(bound, child.addresses("198.51.100.0/24")))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("addresses cannot reach beyond their creator's");
    assertThat(keys.create(bound, child.addresses("192.0.2.0/24")).key().grants().addresses())
        .isEqualTo(AddressList.of("192.0.2.0/24"));
  }

  /** The key has scopes that the caller holds, and is bound to nothing at all. */
  @Test
  void whatMayNotBeCreatedMayNotBeBroughtAboutOtherwise() {
    TenantContext creator = creator();
    ApiKeyId free = create("flows:read").key().id();
    keys.disable(acme, free);

    assertThatThrownBy(() -> keys.enable(creator, free)).isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> keys.rotate(creator, free, Rotation.immediate()))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(keys.get(acme, free).version()).isEqualTo(2);
    ImportedKey foreign = ImportedKey.live("foreign", "0".repeat(64)).scopes("flows:read");
    assertThatThrownBy(
            () ->
                keys.importKey(
                    creator, foreign.granting(KeyGrants.none().withLimit(looser().get(0)))))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> keys.importKey(creator, foreign.lifetime(LIFE.plusDays(1))))
        .isInstanceOf(AccessDeniedException.class);
    ApiKey imported = keys.importKey(creator, foreign);
    assertThat(imported.grants().limits()).containsExactly(OWN);
    assertThat(imported.expiresAt()).contains(START.plus(LIFE));
  }

  @Test
  void keyMayRotateItself() {
    IssuedApiKey self = keys.create(creator(), NewApiKey.live("self").scopes("api-keys:write"));

    IssuedApiKey next = keys.rotate(tenantOf(self), self.key().id(), Rotation.immediate());

    assertThat(next.key().grants()).isEqualTo(self.key().grants());
    assertThat(next.key().expiresAt()).isEqualTo(self.key().expiresAt());
  }

  private TenantContext tenantOf(IssuedApiKey issued) {
    return ((Verdict.Valid) verify(issued)).tenant();
  }
}
