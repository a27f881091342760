package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.KeyUse;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Limits, budgets and use of keys from the row to the verdict and back, on two control planes over
 * one storage. The windows are so long that nothing comes back while a test runs.
 */
public abstract class LimitLifeContract extends StorageContract {
  private static final Duration YEAR = Duration.ofDays(365);

  private final TickingClock clock = TickingClock.at(Samples.NOW.plus(Duration.ofDays(1)));
  private ControlPlane one;
  private ControlPlane two;

  @BeforeEach
  final void openTwoPlanes() {
    one = newPlane();
    two = newPlane();
  }

  @AfterEach
  final void closeTwoPlanes() {
    one.close();
    two.close();
  }

  private ControlPlane newPlane() {
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    return ControlPlane.builder(harness.storage(), MasterKeys.of(MasterKey.of(bytes)))
        .clock(clock)
        .manualMaintenance()
        .build();
  }

  private IssuedApiKey create(NewApiKey wanted) {
    return one.apiKeys().create(acme, wanted);
  }

  private void pool(RateLimit limit) {
    one.organizations().configure(operator, ACME, OrganizationSettings.defaults().withPool(limit));
  }

  private static Verdict verify(ControlPlane plane, IssuedApiKey key) {
    return plane.apiKeys().verify(key.secret().string(SecretAccess.get()), ScopeQuery.none());
  }

  /** How many of so many calls are accepted; those on the planes take turns. */
  private static int accepted(int calls, IssuedApiKey key, ControlPlane... planes) {
    int accepted = 0;
    for (int i = 0; i < calls; i++) {
      accepted += verify(planes[i % planes.length], key) instanceof Verdict.Valid ? 1 : 0;
    }
    return accepted;
  }

  private static void assertRefused(
      Verdict verdict, Verdict.Reason reason, LimitStatus.Of of, String name) {
    assertThat(((Verdict.Refused) verdict).reasons()).containsExactly(reason);
    assertThat(verdict.limits())
        .anySatisfy(
            status -> {
              assertThat(status.of()).isEqualTo(of);
              assertThat(status.name()).isEqualTo(name);
              assertThat(status.remaining()).isZero();
            });
  }

  @Test
  final void a_local_limit_of_the_row_counts_on_each_plane() {
    IssuedApiKey key = create(NewApiKey.live("k").limit(RateLimit.of("calls", 3, YEAR)));

    assertThat(accepted(10, key, one)).isEqualTo(3);
    assertThat(accepted(10, key, two)).isEqualTo(3);
    assertRefused(verify(two, key), Verdict.Reason.RATE_LIMITED, LimitStatus.Of.KEY, "calls");
  }

  @Test
  final void a_shared_limit_of_the_row_counts_on_both_planes_together() {
    IssuedApiKey key = create(NewApiKey.live("k").limit(RateLimit.of("calls", 5, YEAR).shared()));

    assertThat(accepted(20, key, one, two)).isEqualTo(5);
    assertRefused(verify(two, key), Verdict.Reason.RATE_LIMITED, LimitStatus.Of.KEY, "calls");
  }

  /** What a plane holds and does not use, the other does not get: one request each at most here. */
  @Test
  final void a_leased_limit_of_the_row_is_never_passed_by_both_planes_together() {
    IssuedApiKey key = create(NewApiKey.live("k").limit(RateLimit.of("calls", 8, YEAR).leased()));

    assertThat(accepted(40, key, one, two)).isBetween(6, 8);
    assertThat(((Verdict.Refused) verify(two, key)).reasons())
        .containsExactly(Verdict.Reason.RATE_LIMITED);
  }

  @Test
  final void the_organizations_pool_is_shared_by_its_keys_alone() {
    pool(RateLimit.of("pool", 4, YEAR));
    IssuedApiKey first = create(NewApiKey.live("first"));
    IssuedApiKey second = create(NewApiKey.live("second"));
    IssuedApiKey theirs = one.apiKeys().create(globex, NewApiKey.live("theirs"));

    assertThat(accepted(3, first, one)).isEqualTo(3);
    assertThat(accepted(3, second, one)).isEqualTo(1);
    assertRefused(
        verify(one, first), Verdict.Reason.RATE_LIMITED, LimitStatus.Of.ORGANIZATION, "pool");
    assertThat(accepted(10, second, two)).isEqualTo(4);
    assertThat(accepted(10, theirs, one)).isEqualTo(10);
  }

  @Test
  final void a_shared_pool_counts_on_both_planes_together() {
    pool(RateLimit.of("pool", 4, YEAR).shared());
    IssuedApiKey first = create(NewApiKey.live("first"));
    IssuedApiKey second = create(NewApiKey.live("second"));

    assertThat(accepted(4, first, one, two) + accepted(10, second, two, one)).isEqualTo(4);
    assertRefused(
        verify(two, first), Verdict.Reason.RATE_LIMITED, LimitStatus.Of.ORGANIZATION, "pool");
  }

  @Test
  final void a_leased_pool_is_never_passed_by_both_planes_together() {
    pool(RateLimit.of("pool", 8, YEAR).leased());
    IssuedApiKey first = create(NewApiKey.live("first"));
    IssuedApiKey second = create(NewApiKey.live("second"));

    assertThat(accepted(20, first, one, two) + accepted(20, second, two, one)).isBetween(6, 8);
    assertThat(((Verdict.Refused) verify(two, first)).reasons())
        .containsExactly(Verdict.Reason.RATE_LIMITED);
  }

  @Test
  final void credits_of_the_row_are_spent_on_both_planes_together() {
    IssuedApiKey key = create(NewApiKey.live("k").credits(Credits.of(5)));

    assertThat(accepted(20, key, one, two)).isEqualTo(5);
    assertRefused(
        verify(one, key), Verdict.Reason.QUOTA_EXCEEDED, LimitStatus.Of.CREDITS, "credits");
  }

  @Test
  final void accepted_calls_of_both_planes_show_in_the_key_once_written() {
    IssuedApiKey key = create(NewApiKey.live("k").limit(RateLimit.of("calls", 3, YEAR)));
    accepted(2, key, one);
    clock.tick(Duration.ofMillis(1));
    accepted(10, key, two);
    assertThat(one.apiKeys().get(acme, key.key().id()).use()).isEqualTo(KeyUse.never());

    List.of(one, two).forEach(plane -> plane.runDue(clock.instant().plusSeconds(60)));

    ApiKey used = one.apiKeys().get(acme, key.key().id());
    assertThat(used.use().count()).isEqualTo(5);
    assertThat(used.use().lastAt().orElseThrow().toEpochMilli()).isEqualTo(clock.millis());
    assertThat(used.version()).isEqualTo(1);
    assertThat(two.apiKeys().list(acme, PageRequest.first(10)).items()).containsExactly(used);
  }
}
