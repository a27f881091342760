package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.TenantkitException;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Ended;
import io.tenantkit.spi.RateLimitStore.Lease;
import io.tenantkit.spi.RateLimitStore.Spend;
import io.tenantkit.spi.RateLimitStore.Standing;
import io.tenantkit.spi.RateLimitStore.Take;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every storage's {@link RateLimitStore} must do. Nothing comes back while a test runs: the
 * windows are days, since PostgreSQL goes by its own clock.
 */
public abstract class RateLimitStoreContract extends StorageContract {
  private static final RateLimit TEN = RateLimit.of("ten", 10, Duration.ofDays(300)).shared();
  private static final RateLimit HUNDRED =
      RateLimit.of("hundred", 100, Duration.ofDays(300)).leased();
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final String FAMILY = "key_\"{},\\'x";

  private RateLimitStore store;
  private long number;

  @BeforeEach
  final void openStore() {
    store = stores.rateLimits();
  }

  private Answer take(OrganizationId organization, Take... takes) {
    return store.take(organization, List.of(takes), Optional.empty(), lease("n1"), Samples.NOW);
  }

  private Answer spend(Credits credits, long cost, Take... takes) {
    return store.take(
        ACME,
        List.of(takes),
        Optional.of(new Spend(FAMILY, credits, cost)),
        lease("n1"),
        Samples.NOW);
  }

  private Lease lease(String node) {
    return new Lease(node, ++number, LONG);
  }

  private static Take of(RateLimit limit, long cost) {
    return new Take(FAMILY, limit, cost, 0);
  }

  private long remaining(OrganizationId organization, RateLimit limit) {
    return take(organization, of(limit, 0)).limits().get(0).remaining();
  }

  @Test
  void limitAdmitsItsBurstAndThenRefusesAndTakesNothing() {
    for (int i = 9; i >= 0; i--) {
      Answer answer = take(ACME, of(TEN, 1));
      assertThat(answer.admitted()).isTrue();
      Standing standing = answer.limits().get(0);
      assertThat(standing.admitted()).isTrue();
      assertThat(standing.remaining()).isEqualTo(i);
      assertThat(standing.retryAfterNanos()).isZero();
      long all = Duration.ofDays(30).multipliedBy(10 - i).toNanos();
      assertThat(standing.resetAfterNanos()).isBetween(all - minute(), all + minute());
    }
    for (int i = 0; i < 3; i++) {
      Answer refused = take(ACME, of(TEN, 2));
      assertThat(refused.admitted()).isFalse();
      assertThat(refused.limits().get(0).admitted()).isFalse();
      long wait = Duration.ofDays(60).toNanos();
      assertThat(refused.limits().get(0).retryAfterNanos())
          .isBetween(wait - minute(), wait + minute());
    }
    assertThat(take(ACME, of(TEN, 0)).admitted()).isTrue();
  }

  private static long minute() {
    return Duration.ofMinutes(1).toNanos();
  }

  @Test
  void costAboveTheBurstIsRefusedForEver() {
    Standing standing = take(ACME, of(TEN, 11)).limits().get(0);

    assertThat(standing.admitted()).isFalse();
    assertThat(standing.retryAfterNanos()).isEqualTo(-1);
    assertThat(remaining(ACME, TEN)).isEqualTo(10);
  }

  @Test
  void severalLimitsAreTakenTogetherOrNotAtAllAndAnsweredInTheirOrder() {
    Take pool = new Take(RateLimitStore.POOL, HUNDRED, 1, 0);
    assertThat(take(ACME, of(TEN, 8), pool, of(HUNDRED, 5)).limits())
        .extracting(Standing::remaining)
        .containsExactly(2L, 99L, 95L);

    Answer refused = take(ACME, of(TEN, 3), pool, of(HUNDRED, 5));

    assertThat(refused.admitted()).isFalse();
    assertThat(refused.limits()).extracting(Standing::admitted).containsExactly(false, true, true);
    assertThat(
            take(ACME, of(HUNDRED, 0), new Take(RateLimitStore.POOL, HUNDRED, 0, 0), of(TEN, 0))
                .limits())
        .extracting(Standing::remaining)
        .containsExactly(95L, 99L, 2L);
  }

  @Test
  void organizationsDoNotShareAndOneThatIsNotThereIsRefused() {
    take(ACME, of(TEN, 10));

    assertThat(remaining(GLOBEX, TEN)).isEqualTo(10);
    assertThatThrownBy(() -> take(NOBODY, of(TEN, 1))).isInstanceOf(TenantkitException.class);
  }

  @Test
  void changedNumbersGoOnFromWhereTheFormerWere() {
    take(ACME, of(TEN, 5));

    // Five were taken, and five they stay.
    assertThat(remaining(ACME, numbers(30, TEN.window(), 30))).isEqualTo(25);
    assertThat(remaining(ACME, numbers(10, Duration.ofDays(1), 10))).isEqualTo(5);
    Standing standing = take(ACME, of(numbers(2, Duration.ofDays(1), 2), 1)).limits().get(0);
    assertThat(standing.admitted()).isFalse();
    assertThat(standing.remaining()).isZero();
    assertThat(standing.resetAfterNanos()).isBetween(1L, Duration.ofDays(1).toNanos() + 1_000);
    assertThat(remaining(ACME, TEN)).as("who was refused changes nothing").isEqualTo(5);
    assertThat(take(ACME, of(numbers(30, TEN.window(), 30), 20)).admitted()).isTrue();
    assertThat(remaining(ACME, numbers(100, TEN.window(), 100))).isEqualTo(75);
  }

  private static RateLimit numbers(long limit, Duration window, long burst) {
    return new RateLimit("ten", limit, window, burst, TEN.mode(), TEN.onFailure());
  }

  /** As it is within the bound after a change: one node knows of it, the other does not. */
  @Test
  void numbersAskedInTurnAdmitNoMoreThanTheGreaterAlone() {
    RateLimit[] versions = {
      numbers(100, TEN.window(), 100), numbers(7, TEN.window(), 7), numbers(40, TEN.window(), 9)
    };
    long admitted = 0;
    for (int i = 0; i < 400; i++) {
      admitted +=
          take(ACME, of(versions[i % versions.length], 1 + i % 2)).admitted() ? 1 + i % 2 : 0;
    }
    assertThat(admitted).isBetween(90L, 100L);
  }

  @Test
  void leaseTakesASliceAndGivesBackWhatIsUnused() {
    Lease first = lease("n1");
    Answer answer = take(first, new Take(FAMILY, HUNDRED, 1, 50));
    // An eighth of the burst at most, and the cost besides.
    assertThat(answer.limits().get(0).leased()).isEqualTo(12);
    assertThat(answer.limits().get(0).remaining()).isEqualTo(87);

    store.end("n1", List.of(ended(first, 8), ended(first, 8)), Samples.NOW);
    assertThat(remaining(ACME, HUNDRED)).isEqualTo(95);
    // Neither twice, nor another node's, nor more than there was.
    store.end("n1", List.of(ended(first, 8)), Samples.NOW);
    Lease second = lease("n1");
    take(second, new Take(FAMILY, HUNDRED, 0, 5));
    store.end("n2", List.of(ended(second, 5)), Samples.NOW);
    assertThat(remaining(ACME, HUNDRED)).isEqualTo(90);
    store.end("n1", List.of(ended(second, Long.MAX_VALUE)), Samples.NOW);
    assertThat(remaining(ACME, HUNDRED)).isEqualTo(95);
  }

  private Answer take(Lease lease, Take take) {
    return store.take(ACME, List.of(take), Optional.empty(), lease, Samples.NOW);
  }

  private static Ended ended(Lease lease, long unused) {
    return new Ended(ACME, FAMILY, HUNDRED, lease.number(), unused);
  }

  @Test
  void moreNodesGetSmallerSlicesAndARefusedCallGetsNone() {
    assertThat(take(lease("n1"), new Take(FAMILY, HUNDRED, 0, 50)).limits().get(0).leased())
        .isEqualTo(12);
    assertThat(take(lease("n2"), new Take(FAMILY, HUNDRED, 0, 50)).limits().get(0).leased())
        .isEqualTo(6);
    assertThat(take(lease("n2"), new Take(FAMILY, HUNDRED, 100, 50)).admitted()).isFalse();
    assertThat(remaining(ACME, HUNDRED)).isEqualTo(82);
    take(ACME, of(HUNDRED, 80));
    assertThat(take(lease("n3"), new Take(FAMILY, HUNDRED, 0, 50)).limits().get(0).leased())
        .isEqualTo(2);
    assertThat(take(lease("n3"), new Take(FAMILY, HUNDRED, 0, 50)).limits().get(0).leased())
        .isZero();
  }

  @Test
  void expiredLeaseIsWrittenOffAndCannotBeGivenBack() {
    Lease over = new Lease("n1", 1, Duration.ZERO);
    take(over, new Take(FAMILY, HUNDRED, 0, 10));

    assertThat(remaining(ACME, HUNDRED)).isEqualTo(90);
    store.end("n1", List.of(ended(over, 10)), Samples.NOW);
    assertThat(remaining(ACME, HUNDRED)).isEqualTo(90);
  }

  @Test
  void creditsAreSpentExactlyAndTogetherWithTheLimits() {
    Credits budget = Credits.of(100);
    assertThat(spend(budget, 60, of(TEN, 1)).credits().remaining()).isEqualTo(40);

    Answer overspent = spend(budget, 41, of(TEN, 1));
    assertThat(overspent.admitted()).isFalse();
    assertThat(overspent.credits().admitted()).isFalse();
    assertThat(overspent.credits().retryAfterNanos()).isEqualTo(-1);
    assertThat(overspent.limits().get(0).admitted()).isTrue();
    Answer limited = spend(budget, 40, of(TEN, 10));
    assertThat(limited.admitted()).isFalse();
    assertThat(limited.credits().admitted()).isTrue();

    assertThat(remaining(ACME, TEN)).isEqualTo(9);
    assertThat(spend(budget, 40).credits().remaining()).isZero();
    assertThat(spend(budget, 1).admitted()).isFalse();
    // A larger budget adds the difference.
    assertThat(spend(Credits.of(130), 10).credits().remaining()).isEqualTo(20);
  }

  @Test
  void budgetsAskedInTurnSpendTheGreaterAtMost() {
    long spent = 0;
    for (int i = 0; i < 40; i++) {
      Answer answer = spend(Credits.of(i % 2 == 0 ? 100 : 200), 50);
      assertThat(answer.credits().remaining()).isNotNegative();
      spent += answer.admitted() ? 50 : 0;
    }
    assertThat(spent).isEqualTo(200);
    assertThat(spend(Credits.of(100), 0).admitted()).isTrue();
  }

  @Test
  void refilledCreditsPayTheDebtFirst() {
    spend(Credits.of(100), 100);
    Standing standing = spend(Credits.of(40).refilled(10, Duration.ofDays(10)), 10).credits();
    long wait = Duration.ofDays(70).toNanos();
    assertThat(standing.admitted()).isFalse();
    assertThat(standing.remaining()).isZero();
    assertThat(standing.retryAfterNanos()).isBetween(wait - minute(), wait + minute());
  }

  @Test
  void refilledCreditsSayWhenThereIsEnough() {
    Credits budget = Credits.of(100).refilled(10, Duration.ofDays(10));
    spend(budget, 100);

    Standing standing = spend(budget, 25).credits();
    long wait = Duration.ofDays(30).toNanos();
    assertThat(standing.admitted()).isFalse();
    assertThat(standing.retryAfterNanos()).isBetween(wait - minute(), wait + minute());
    assertThat(standing.resetAfterNanos())
        .isBetween(wait / 3 * 10 - minute(), wait / 3 * 10 + minute());
    assertThat(spend(budget, 101).credits().retryAfterNanos()).isEqualTo(-1);
  }

  @Test
  void idleLimitsAreRemovedAndOthersStay() {
    RateLimit quick = RateLimit.of("quick", 1_000_000_000, Duration.ofMillis(1)).shared();
    take(ACME, of(quick, 1), of(TEN, 1));
    take(GLOBEX, of(quick, 1));

    assertThat(store.removeIdle(1, Samples.NOW.plusSeconds(1))).isOne();
    assertThat(store.removeIdle(10, Samples.NOW.plusSeconds(1))).isOne();
    assertThat(store.removeIdle(10, Samples.NOW.plusSeconds(1))).isZero();
    assertThat(remaining(ACME, TEN)).isEqualTo(9);
  }

  @Test
  void ofManyAtOnceExactlyTheBurstIsAdmittedWhateverTheOrderOfTheLimits() {
    List<Boolean> admitted =
        Race.of(
            64,
            i -> {
              List<Take> takes =
                  new ArrayList<>(
                      List.of(
                          of(TEN, 1),
                          of(HUNDRED, 1),
                          new Take(RateLimitStore.POOL, HUNDRED, 1, i % 3)));
              Collections.rotate(takes, i);
              return store
                  .take(ACME, takes, Optional.empty(), new Lease("n" + i, i, LONG), Samples.NOW)
                  .admitted();
            });

    assertThat(admitted.stream().filter(each -> each).count()).isEqualTo(10);
    assertThat(remaining(ACME, HUNDRED)).isEqualTo(90);
  }
}
