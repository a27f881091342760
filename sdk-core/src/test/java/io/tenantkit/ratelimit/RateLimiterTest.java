package io.tenantkit.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import io.tenantkit.metric.Metrics;
import io.tenantkit.ratelimit.LimitStatus.Of;
import io.tenantkit.ratelimit.LimitStatus.Outcome;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RateLimiterTest {
  private static final RateLimit MINUTE = RateLimit.of("minute", 10, Duration.ofMinutes(1));
  private static final RateLimit HOUR = RateLimit.of("hour", 5, Duration.ofHours(1));
  private static final LimitSubject KEY = new LimitSubject(Nodes.ACME, "key_1");

  private final Nodes nodes = new Nodes();
  private final DefaultRateLimiter limiter = nodes.limiter();

  /** The memory storage, which fails when it is told to, and counts. */
  private final class Failing implements RateLimitStore {
    private final AtomicBoolean down = new AtomicBoolean();
    private final AtomicBoolean answerLost = new AtomicBoolean();
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public Answer take(
        OrganizationId organization,
        List<Take> takes,
        Optional<Spend> spend,
        Lease lease,
        Instant now) {
      calls.incrementAndGet();
      requireUp();
      Answer answer = nodes.store().take(organization, takes, spend, lease, now);
      if (answerLost.get()) {
        throw new StorageException(ErrorCode.COMMIT_UNKNOWN, "lost");
      }
      return answer;
    }

    private void requireUp() {
      if (down.get()) {
        throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "down");
      }
    }

    @Override
    public void end(String node, List<Ended> ended, Instant now) {
      requireUp();
      nodes.store().end(node, ended, now);
    }

    @Override
    public int removeIdle(int most, Instant now) {
      return nodes.store().removeIdle(most, now);
    }
  }

  private PreparedLimits prepare(RateLimit... rates) {
    return limiter.prepare(KEY, Limits.of(rates), List.of());
  }

  private int admitted(PreparedLimits limits, int calls) {
    int admitted = 0;
    for (int i = 0; i < calls; i++) {
      admitted += limits.decide(nodes.now(), 1).admitted() ? 1 : 0;
    }
    return admitted;
  }

  private long shared(RateLimit limit) {
    return nodes
        .store()
        .take(
            Nodes.ACME,
            List.of(new RateLimitStore.Take(KEY.family(), limit, 0, 0)),
            Optional.empty(),
            new RateLimitStore.Lease("test", 1, Duration.ZERO),
            nodes.clock.instant())
        .limits()
        .get(0)
        .remaining();
  }

  @Test
  void statusesTellOfEveryLimitOfTheKeyAndOfThePool() {
    PreparedLimits limits = limiter.prepare(KEY, Limits.of(MINUTE, HOUR), List.of(MINUTE));
    assertThat(limits.decide(nodes.now(), 5).admitted()).isTrue();

    LimitDecision refused = limits.decide(nodes.now(), 1);

    assertThat(refused.admitted()).isFalse();
    assertThat(refused.rateLimited()).isTrue();
    assertThat(refused.quotaExceeded()).isFalse();
    assertThat(refused.retryAfter()).contains(Duration.ofMinutes(12).minusNanos(999));
    assertThat(refused.statuses())
        .extracting(
            LimitStatus::name, LimitStatus::of, LimitStatus::remaining, LimitStatus::outcome)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("minute", Of.KEY, 5L, Outcome.ADMITTED),
            org.assertj.core.groups.Tuple.tuple("hour", Of.KEY, 0L, Outcome.REFUSED),
            org.assertj.core.groups.Tuple.tuple("minute", Of.ORGANIZATION, 5L, Outcome.ADMITTED));
    assertThat(refused.statuses().get(1).resetAfter()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void costAboveTheBurstNeverComesAndACostOfZeroTakesNothing() {
    PreparedLimits limits = prepare(MINUTE);

    LimitDecision refused = limits.decide(nodes.now(), 11);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.statuses().get(0).outcome()).isEqualTo(Outcome.TOO_COSTLY);
    assertThat(refused.retryAfter()).contains(LimitStatus.NEVER);
    assertThat(admitted(limits, 20)).isEqualTo(10);
    assertThat(limits.decide(nodes.now(), 0).admitted()).isTrue();
    assertThatThrownBy(() -> limits.decide(nodes.now(), -1))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> limits.decide(nodes.now(), 1, Map.of("minute", -1L)))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void countsBelongToTheFamilyAndOutliveThePreparedLimitsAndChangesOfTheNumbers() {
    assertThat(admitted(prepare(MINUTE), 6)).isEqualTo(6);

    assertThat(admitted(prepare(MINUTE), 10)).isEqualTo(4);
    // Ten were taken: twenty of thirty are left, and of five none.
    assertThat(admitted(prepare(RateLimit.of("minute", 5, Duration.ofMinutes(1))), 1)).isZero();
    assertThat(admitted(prepare(RateLimit.of("minute", 30, Duration.ofMinutes(2))), 25))
        .isEqualTo(20);
    assertThat(admitted(prepare(MINUTE), 1)).isZero();
    LimitSubject other = new LimitSubject(Nodes.GLOBEX, KEY.family());
    assertThat(admitted(limiter.prepare(other, Limits.of(MINUTE), List.of()), 20)).isEqualTo(10);
  }

  @Test
  void idleStateIsDroppedAndPreparedLimitsGoOnWithWhatTakesItsPlace() {
    PreparedLimits first = prepare(MINUTE);
    PreparedLimits second = prepare(MINUTE);
    admitted(first, 3);
    limiter.dropIdle();
    assertThat(limiter.subjects()).isOne();
    nodes.clock.tick(Duration.ofSeconds(19));
    limiter.dropIdle();
    assertThat(limiter.subjects()).isZero();

    assertThat(admitted(first, 7) + admitted(second, 7)).isEqualTo(10);
    assertThat(limiter.subjects()).isOne();
  }

  @Test
  void keyAndItsSuccessorWithOtherLimitsCountTogetherByTurns() {
    LimitSubject subject = new LimitSubject(Nodes.ACME, "key_01m7zrb8gp9y2bnc6t16dyr6pj");
    PreparedLimits before = limiter.prepare(subject, Limits.of(MINUTE, HOUR), List.of());
    PreparedLimits after =
        limiter.prepare(
            subject, Limits.of(RateLimit.of("day", 4, Duration.ofDays(1)), MINUTE), List.of());

    assertThat(admitted(before, 3)).isEqualTo(3);
    assertThat(admitted(after, 3)).isEqualTo(3);
    assertThat(admitted(before, 9)).isEqualTo(2);
    assertThat(admitted(after, 9)).isOne();
    assertThat(limiter.subjects()).isOne();
  }

  @Test
  void poolIsOneForKeysThatNeedTheStorageAndKeysThatDoNot() {
    List<RateLimit> pool = List.of(RateLimit.of("pool", 12, Duration.ofHours(1)));
    LimitSubject other = new LimitSubject(Nodes.ACME, "key_2");
    PreparedLimits here = limiter.prepare(KEY, Limits.of(MINUTE), pool);
    assertThat(admitted(here, 4)).isEqualTo(4);

    PreparedLimits stored = limiter.prepare(other, Limits.of(HOUR.shared()), pool);
    assertThat(admitted(stored, 3)).isEqualTo(3);
    assertThat(admitted(here, 4)).isEqualTo(4);
    assertThat(admitted(stored, 9)).isOne();
    assertThat(admitted(here, 1)).isZero();
  }

  @Test
  void keysAtOnceTakeNoMoreThanTheirPool() {
    RateLimit pool = RateLimit.of("pool", 500, Duration.ofDays(1));
    List<Integer> counts =
        Race.of(
            Race.THREADS,
            i ->
                admitted(
                    limiter.prepare(
                        new LimitSubject(Nodes.ACME, "key_" + i % 4),
                        Limits.of(RateLimit.of("own", 400, Duration.ofDays(1))),
                        List.of(pool)),
                    1_000));

    assertThat(counts.stream().mapToInt(each -> each).sum()).isEqualTo(500);
  }

  @Test
  void refusalOfTheStorageGivesBackWhatWasTakenHere() {
    PreparedLimits limits = limiter.prepare(KEY, Limits.of(MINUTE, HOUR.shared()), List.of());
    assertThat(admitted(limits, 9)).isEqualTo(5);

    LimitDecision refused = limits.decide(nodes.now(), 1);
    assertThat(refused.statuses())
        .extracting(LimitStatus::outcome)
        .containsExactly(Outcome.ADMITTED, Outcome.REFUSED);
    assertThat(refused.statuses().get(0).remaining()).isEqualTo(5);
    // And what refuses here is not asked there.
    LimitDecision here = limits.decide(nodes.now(), 1, Map.of("minute", 6L));
    assertThat(here.statuses())
        .extracting(LimitStatus::outcome)
        .containsExactly(Outcome.REFUSED, Outcome.NOT_ASKED);
  }

  @Test
  void creditsAreTakenWithTheLimitsOrNotAtAll() {
    PreparedLimits limits = limiter.prepare(KEY, Limits.of(MINUTE).with(Credits.of(3)), List.of());
    assertThat(admitted(limits, 3)).isEqualTo(3);

    LimitDecision refused = limits.decide(nodes.now(), 1);
    assertThat(refused.quotaExceeded()).isTrue();
    assertThat(refused.rateLimited()).isFalse();
    assertThat(refused.retryAfter()).contains(LimitStatus.NEVER);
    assertThat(limits.decide(nodes.now(), 1, Map.of("credits", 0L)).admitted()).isTrue();
    LimitDecision limited = limits.decide(nodes.now(), 7, Map.of("credits", 0L));
    assertThat(limited.rateLimited()).isTrue();
    assertThat(limited.quotaExceeded()).isFalse();
  }

  @Test
  void storageThatFailsIsAnsweredAsEachLimitSaysAndTakesNothing() {
    Failing store = new Failing();
    DefaultRateLimiter failing = nodes.limiter(nodes.plane(Metrics.none()), store);
    store.down.set(true);

    LimitDecision closed =
        failing.prepare(KEY, Limits.of(MINUTE, HOUR.shared()), List.of()).decide(nodes.now(), 1);
    assertThat(closed.admitted()).isFalse();
    assertThat(closed.statuses().get(1).outcome()).isEqualTo(Outcome.FAILED_CLOSED);
    assertThat(closed.retryAfter()).contains(Duration.ofSeconds(1));
    LimitDecision open =
        failing
            .prepare(KEY, Limits.of(MINUTE, HOUR.shared().failOpen()), List.of())
            .decide(nodes.now(), 1);
    assertThat(open.admitted()).isTrue();
    assertThat(open.statuses().get(1).outcome()).isEqualTo(Outcome.FAILED_OPEN);
    assertThat(open.statuses().get(0).remaining()).isEqualTo(9);
    // It is left alone for a moment, and then asked again.
    assertThat(store.calls).hasValue(1);
    store.down.set(false);
    nodes.clock.tick(Duration.ofSeconds(1));
    PreparedLimits limits = failing.prepare(KEY, Limits.of(MINUTE, HOUR.shared()), List.of());
    assertThat(limits.decide(nodes.now(), 5).admitted()).isTrue();
  }

  @Test
  void failuresAreCounted() {
    AtomicInteger opened = new AtomicInteger();
    Metrics metrics =
        new Metrics() {
          @Override
          public Counter counter(String name, String... tags) {
            boolean wanted =
                name.equals("tenantkit.limits.failed") && List.of(tags).contains("open");
            return amount -> opened.addAndGet(wanted ? (int) amount : 0);
          }

          @Override
          public Timer timer(String name, String... tags) {
            return nanos -> {};
          }

          @Override
          public void gauge(String name, java.util.function.LongSupplier value, String... tags) {}
        };
    Failing store = new Failing();
    store.down.set(true);
    nodes
        .limiter(nodes.plane(metrics), store)
        .prepare(KEY, Limits.of(HOUR.shared().failOpen()), List.of())
        .decide(nodes.now(), 1);

    assertThat(opened).hasValue(1);
  }

  @Test
  void leasesAreAskedForSeldomAndGivenBackAtClose() {
    RateLimit leased = RateLimit.of("leased", 1_000, Duration.ofDays(300)).leased();
    Failing store = new Failing();
    ControlPlane plane = nodes.plane(Metrics.none());
    PreparedLimits limits = nodes.limiter(plane, store).prepare(KEY, Limits.of(leased), List.of());
    assertThat(admitted(limits, 600)).isEqualTo(600);
    assertThat(store.calls.get()).isBetween(2, 30);
    plane.close();

    assertThat(shared(leased)).isEqualTo(400);
  }

  @Test
  void leaseOfWhichTheAnswerWasLostIsGivenBack() {
    RateLimit leased = RateLimit.of("leased", 1_000, Duration.ofDays(300)).leased();
    Failing store = new Failing();
    DefaultRateLimiter node = nodes.limiter(nodes.plane(Metrics.none()), store);
    store.answerLost.set(true);
    assertThat(node.prepare(KEY, Limits.of(leased), List.of()).decide(nodes.now(), 1).admitted())
        .isFalse();
    store.answerLost.set(false);
    assertThat(shared(leased)).isEqualTo(995);
    node.leases().giveBackOld();

    // But for the call itself, of which the storage's answer was lost too.
    assertThat(shared(leased)).isEqualTo(999);
  }

  @Test
  void leaseThatEndedWhileTheProcessStoodStillAdmitsNothing() {
    RateLimit leased = RateLimit.of("leased", 100, Duration.ofDays(300)).leased();
    Failing store = new Failing();
    DefaultRateLimiter node = nodes.limiter(nodes.plane(Metrics.none()), store);
    PreparedLimits limits = node.prepare(KEY, Limits.of(leased), List.of());
    assertThat(limits.decide(nodes.now(), 1).admitted()).isTrue();
    nodes.clock.tick(DefaultRateLimiter.LEASE);
    int before = store.calls.get();
    store.down.set(true);

    assertThat(limits.decide(nodes.now(), 1).admitted()).isFalse();
    assertThat(store.calls.get()).isGreaterThan(before);
  }

  @Test
  void unusedLeasesGoBackBeforeTheyEnd() {
    RateLimit leased = RateLimit.of("leased", 100, Duration.ofDays(300)).leased();
    PreparedLimits limits = prepare(leased);
    assertThat(admitted(limits, 1)).isOne();
    assertThat(shared(leased)).isLessThan(99);
    nodes.clock.tick(DefaultRateLimiter.LEASE.dividedBy(4).multipliedBy(3));
    limiter.leases().giveBackOld();

    assertThat(shared(leased)).isEqualTo(99);
  }
}
