package io.tenantkit.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.metric.Metrics;
import io.tenantkit.spi.Bucket;
import io.tenantkit.spi.Pace;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random schedules against {@link AdmissionLog}, which is slow and plainly right. */
final class RateLimiterBruteForceTest {
  private static final int SCHEDULES = 3_000;
  private static final int CALLS = 60;

  private static RateLimit rate(Random random, String name, RateLimit.Mode mode) {
    long limit = 1L + random.nextInt(20);
    Duration window =
        Duration.ofMillis(1 + random.nextInt(3_000)).plusNanos(1_000L * random.nextInt(1_000));
    long burst = random.nextInt(3) == 0 ? limit : 1 + random.nextInt(25);
    return new RateLimit(name, limit, window, burst, mode, RateLimit.OnFailure.CLOSED);
  }

  /** Nothing, a little, or as long as one request takes to come back. */
  private static long pause(Random random, RateLimit rate) {
    long interval = rate.window().toNanos() / rate.limit();
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> interval;
      case 2 -> interval + 1;
      case 3 -> random.nextLong(1 + interval * 10);
      default -> random.nextLong(1 + interval);
    };
  }

  /** What storages keep of a time. */
  private static long micros(long nanos) {
    return nanos / 1_000 * 1_000;
  }

  @Test
  void decidesExactlyAsTheLogOverKeysThatShareAPoolWithCostsOfTheirOwn() {
    int admitted = 0;
    int refused = 0;
    Nodes nodes = new Nodes();
    for (int seed = 0; seed < SCHEDULES; seed++) {
      Random random = new Random(seed);
      DefaultRateLimiter limiter = nodes.limiter();
      RateLimit first = rate(random, "first", RateLimit.Mode.LOCAL);
      RateLimit second = rate(random, "second", RateLimit.Mode.LOCAL);
      RateLimit pool = rate(random, "pool", RateLimit.Mode.LOCAL);
      AdmissionLog poolLog = new AdmissionLog(pool);
      List<PreparedLimits> keys = new ArrayList<>();
      List<AdmissionLog> firstLogs = new ArrayList<>();
      List<AdmissionLog> secondLogs = new ArrayList<>();
      for (int key = 0; key < 2; key++) {
        keys.add(
            limiter.prepare(
                new LimitSubject(Nodes.ACME, "key_" + key),
                Limits.of(first, second),
                List.of(pool)));
        firstLogs.add(new AdmissionLog(first));
        secondLogs.add(new AdmissionLog(second));
      }
      for (int call = 0; call < CALLS; call++) {
        nodes.tick(pause(random, random.nextBoolean() ? first : pool));
        int key = random.nextInt(2);
        long cost = random.nextInt(4) == 0 ? random.nextInt(6) : 1;
        long other = random.nextInt(4) == 0 ? random.nextInt(6) : cost;
        long now = nodes.now();
        boolean expected =
            firstLogs.get(key).admits(now, cost)
                && secondLogs.get(key).admits(now, other)
                && poolLog.admits(now, cost);
        LimitDecision decision = keys.get(key).decide(now, cost, Map.of("second", other));
        assertThat(decision.admitted())
            .as("seed %d call %d: %s", seed, call, decision.statuses())
            .isEqualTo(expected);
        assertThat(decision.rateLimited()).isNotEqualTo(expected);
        if (expected) {
          firstLogs.get(key).add(now, cost);
          secondLogs.get(key).add(now, other);
          poolLog.add(now, cost);
          admitted++;
        } else {
          refused++;
        }
      }
    }
    assertThat(admitted).isGreaterThan(SCHEDULES * CALLS / 5);
    assertThat(refused).isGreaterThan(SCHEDULES * CALLS / 5);
  }

  @Test
  void retryAfterIsTheFirstNanosecondAtWhichTheSameCallIsAdmitted() {
    Nodes nodes = new Nodes();
    for (int seed = 0; seed < SCHEDULES; seed++) {
      Random random = new Random(seed);
      RateLimit rate = rate(random, "only", RateLimit.Mode.LOCAL);
      PreparedLimits key =
          nodes.limiter().prepare(new LimitSubject(Nodes.ACME, "key"), Limits.of(rate), List.of());
      for (int call = 0; call < CALLS; call++) {
        nodes.tick(random.nextLong(1 + rate.window().toNanos() / rate.limit()));
        long cost = 1 + random.nextLong(rate.burst());
        LimitDecision decision = key.decide(nodes.now(), cost);
        if (!decision.admitted()) {
          long wait = decision.retryAfter().orElseThrow().toNanos();
          assertThat(wait).isPositive();
          assertThat(key.decide(nodes.now() + wait - 1, cost).admitted())
              .as("seed %d", seed)
              .isFalse();
          assertThat(key.decide(nodes.now() + wait, cost).admitted()).as("seed %d", seed).isTrue();
          nodes.tick(wait);
        } else {
          long remaining = decision.statuses().get(0).remaining();
          assertThat(key.decide(nodes.now(), remaining).admitted()).isTrue();
          assertThat(key.decide(nodes.now(), 1).admitted()).isFalse();
        }
      }
    }
  }

  /** A call at a time, so what every node admits together is held against one log. */
  @Test
  void nodesThatLeaseShareMixCrashAndReturnNeverAdmitMoreThanTheBound() {
    int admitted = 0;
    int refusedWithinBound = 0;
    for (int seed = 0; seed < SCHEDULES; seed++) {
      Nodes nodes = new Nodes();
      Random random = new Random(seed);
      RateLimit.Mode[] modes = RateLimit.Mode.values();
      RateLimit leased = slow(random, RateLimit.Mode.LEASED);
      RateLimit other = rate(random, "other", modes[1 + random.nextInt(2)]);
      boolean both = random.nextBoolean();
      AdmissionLog leasedLog = new AdmissionLog(leased);
      AdmissionLog otherLog = new AdmissionLog(other);
      List<DefaultRateLimiter> limiters =
          new ArrayList<>(List.of(nodes.limiter(), nodes.limiter(), nodes.limiter()));
      for (int call = 0; call < CALLS; call++) {
        nodes.tick(micros(pause(random, leased)));
        if (random.nextInt(20) == 0) {
          nodes.tick(micros(random.nextLong(DefaultRateLimiter.LEASE.toNanos() * 2)));
        }
        int node = random.nextInt(limiters.size());
        switch (random.nextInt(12)) {
          case 0 -> limiters.get(node).leases().giveBackOld();
          case 1 -> limiters.get(node).leases().close();
          // Crashed: what it held is never given back.
          case 2 -> limiters.set(node, nodes.limiter());
          default -> {}
        }
        PreparedLimits key =
            limiters
                .get(node)
                .prepare(
                    new LimitSubject(Nodes.ACME, "key"),
                    both ? Limits.of(leased, other) : Limits.of(leased),
                    List.of());
        long now = nodes.now();
        long cost = random.nextInt(4) == 0 ? random.nextInt(4) : 1;
        boolean within = leasedLog.admits(now, cost) && (!both || otherLog.admits(now, cost));
        boolean decided = key.decide(now, cost).admitted();
        assertThat(within || !decided).as("seed %d call %d", seed, call).isTrue();
        if (decided) {
          leasedLog.add(now, cost);
          otherLog.add(now, cost);
          admitted++;
        } else if (within) {
          refusedWithinBound++;
        }
      }
    }
    assertThat(admitted).isGreaterThan(SCHEDULES * CALLS / 4);
    // Leases leave something unused, or they were not leases.
    assertThat(refusedWithinBound).isBetween(1, admitted / 2);
  }

  /** Windows long enough for leases to end within them. */
  private static RateLimit slow(Random random, RateLimit.Mode mode) {
    long limit = 1L + random.nextInt(40);
    return new RateLimit(
        "leased",
        limit,
        Duration.ofSeconds(1 + random.nextInt(30)),
        1 + random.nextInt(60),
        mode,
        RateLimit.OnFailure.CLOSED);
  }

  @Test
  void sharedLimitsOfSeveralNodesDecideExactlyAsTheLog() {
    for (int seed = 0; seed < SCHEDULES / 3; seed++) {
      Nodes nodes = new Nodes();
      Random random = new Random(seed);
      RateLimit shared = rate(random, "shared", RateLimit.Mode.SHARED);
      RateLimit local = rate(random, "local", RateLimit.Mode.LOCAL);
      AdmissionLog sharedLog = new AdmissionLog(shared);
      List<AdmissionLog> localLogs = List.of(new AdmissionLog(local), new AdmissionLog(local));
      List<PreparedLimits> keys = new ArrayList<>();
      for (int node = 0; node < 2; node++) {
        keys.add(
            nodes
                .limiter()
                .prepare(
                    new LimitSubject(Nodes.ACME, "key"),
                    new Limits(List.of(local, shared), Optional.empty()),
                    List.of()));
      }
      for (int call = 0; call < CALLS; call++) {
        nodes.tick(micros(pause(random, shared)));
        int node = random.nextInt(2);
        long cost = random.nextInt(4) == 0 ? random.nextInt(6) : 1;
        long now = nodes.now();
        boolean expected = sharedLog.admits(now, cost) && localLogs.get(node).admits(now, cost);
        assertThat(keys.get(node).decide(now, cost).admitted())
            .as("seed %d call %d", seed, call)
            .isEqualTo(expected);
        if (expected) {
          sharedLog.add(now, cost);
          localLogs.get(node).add(now, cost);
        }
      }
    }
  }

  @Test
  void steadyTrafficAtTheLimitIsNeverRefusedHoweverOddTheInterval() {
    Nodes nodes = new Nodes();
    for (long limit : new long[] {1, 3, 7, 11, 97, 1_009, 999_983}) {
      RateLimit rate = RateLimit.of("steady", limit, Duration.ofMinutes(1)).burst(1);
      PreparedLimits key =
          nodes.limiter().prepare(new LimitSubject(Nodes.ACME, "key"), Limits.of(rate), List.of());
      long start = nodes.now();
      long window = rate.window().toNanos();
      for (long call = 0; call < 20_000; call++) {
        // When it is due and not twice, as a clock of microseconds shows it.
        long at = start + micros(call * window / limit);
        assertThat(key.decide(at, 1).admitted()).as("limit %d call %d", limit, call).isTrue();
        assertThat(key.decide(at, 1).admitted()).isFalse();
      }
    }
  }

  /** Some of the calls wait for the storage, which may refuse them, while others come. */
  @Test
  void callsInFlightAdmitNoMoreThanTheBoundByTheirArrival() {
    int admitted = 0;
    int refusedWithinBound = 0;
    for (int seed = 0; seed < SCHEDULES; seed++) {
      Random random = new Random(seed);
      RateLimit rate = rate(random, "only", RateLimit.Mode.LOCAL);
      Pace pace = Pace.of(rate);
      Bucket bucket = new Bucket();
      AdmissionLog bound = new AdmissionLog(rate);
      List<long[]> calls = new ArrayList<>();
      List<long[]> inFlight = new ArrayList<>();
      long now = 1_000_000_000_000L;
      for (int call = 0; call < CALLS; call++) {
        now += pause(random, rate);
        if (!inFlight.isEmpty() && random.nextBoolean()) {
          settle(bucket, pace, now, inFlight.remove(random.nextInt(inFlight.size())), random);
        }
        long cost = random.nextInt(4) == 0 ? random.nextInt(6) : 1;
        if (bucket.admits(pace, now, cost)) {
          bucket.lease(pace, now, cost);
          long[] taken = {now, cost, 0};
          calls.add(taken);
          inFlight.add(taken);
        } else {
          refusedWithinBound++;
        }
      }
      for (long[] rest : inFlight) {
        settle(bucket, pace, now, rest, random);
      }
      for (long[] each : calls) {
        if (each[2] == 1) {
          assertThat(bound.admits(each[0], each[1])).as("seed %d at %d", seed, each[0]).isTrue();
          bound.add(each[0], each[1]);
          admitted++;
        }
      }
      assertThat(bucket.outstanding()).isZero();
    }
    assertThat(admitted).isGreaterThan(SCHEDULES * CALLS / 5);
    assertThat(refusedWithinBound).isPositive();
  }

  private static void settle(Bucket bucket, Pace pace, long now, long[] taken, Random random) {
    if (random.nextInt(3) > 0) {
      bucket.used(taken[1]);
      taken[2] = 1;
    } else {
      bucket.end(pace, now, taken[1], taken[1]);
    }
  }

  @Test
  void steadyTrafficIsNotRefusedForTheTimeThatItsCreditsTook() {
    RateLimit rate = RateLimit.of("steady", 10, Duration.ofSeconds(1)).burst(1);
    Nodes nodes = new Nodes();
    long interval = Duration.ofMillis(100).toNanos();
    RateLimitStore slow =
        new RateLimitStore() {
          @Override
          public Answer take(
              OrganizationId organization,
              List<Take> takes,
              Optional<Spend> spend,
              Lease lease,
              Instant now) {
            nodes.tick(interval / 2);
            return nodes.store().take(organization, takes, spend, lease, now);
          }

          @Override
          public void end(String node, List<Ended> ended, Instant now) {
            nodes.store().end(node, ended, now);
          }

          @Override
          public int removeIdle(int most, Instant now) {
            return nodes.store().removeIdle(most, now);
          }
        };
    DefaultRateLimiter limiter = nodes.limiter(nodes.plane(Metrics.none()), slow);
    PreparedLimits key =
        limiter.prepare(
            new LimitSubject(Nodes.ACME, "key"),
            new Limits(List.of(rate), Optional.of(Credits.of(1_000))),
            List.of());
    for (int call = 0; call < 100; call++) {
      assertThat(key.decide(nodes.now(), 1).admitted()).as("call %d", call).isTrue();
      nodes.tick(interval / 2);
    }
    assertThat(key.decide(nodes.now(), 1).admitted()).isTrue();
    assertThat(key.decide(nodes.now(), 1).admitted()).as("too early").isFalse();
  }
}
