package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ratelimit.AdmissionLog;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Ended;
import io.tenantkit.spi.RateLimitStore.Lease;
import io.tenantkit.spi.RateLimitStore.Spend;
import io.tenantkit.spi.RateLimitStore.Standing;
import io.tenantkit.spi.RateLimitStore.Take;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Random schedules on a storage's {@link RateLimitStore} against {@link AdmissionLog}. */
public abstract class RateLimitScheduleContract extends StorageContract {
  private static final int SEEDS = 3;
  private static final int CALLS = 300;

  /** In which nothing comes back while a test runs. */
  private static final Duration AGES = Duration.ofDays(360);

  private static final Duration LONG = Duration.ofMinutes(10);

  private RateLimitStore store;
  private long number;

  @BeforeEach
  final void openStore() {
    store = stores.rateLimits();
  }

  private Answer take(List<Take> takes, Optional<Spend> spend) {
    return store.take(ACME, takes, spend, new Lease("n1", ++number, LONG), Instant.now());
  }

  private static RateLimit rate(
      String name, long limit, Duration window, long burst, boolean lease) {
    return new RateLimit(
        name,
        limit,
        window,
        burst,
        lease ? RateLimit.Mode.LEASED : RateLimit.Mode.SHARED,
        RateLimit.OnFailure.CLOSED);
  }

  /** What the call costs, mostly little. */
  private static long cost(Random random) {
    return random.nextInt(3) == 0 ? random.nextInt(8) : random.nextInt(2);
  }

  /** Time does not matter, so the log's answer is the storage's, of each limit and of all. */
  @Test
  void severalLimitsAndABudgetDecideExactlyAsTheLog() {
    int admitted = 0;
    int refused = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<String> subjects = List.of("key_" + seed, RateLimitStore.POOL, "key_" + seed);
      List<RateLimit> limits = new ArrayList<>();
      List<AdmissionLog> logs = new ArrayList<>();
      long[] taken = new long[subjects.size()];
      for (int i = 0; i < subjects.size(); i++) {
        long burst = 100L + random.nextInt(300);
        limits.add(
            rate(
                "r" + i + "-" + seed,
                burst / 8 + random.nextInt(50),
                AGES,
                burst,
                random.nextBoolean()));
        logs.add(new AdmissionLog(limits.get(i)));
      }
      Credits budget = Credits.of(200 + random.nextInt(200));
      long spent = 0;
      for (int call = 0; call < CALLS; call++) {
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2));
        Collections.shuffle(order, random);
        List<Integer> asked = order.subList(0, 1 + random.nextInt(3));
        List<Take> takes = new ArrayList<>();
        List<Boolean> fits = new ArrayList<>();
        for (int i : asked) {
          long cost = cost(random);
          takes.add(new Take(subjects.get(i), limits.get(i), cost, 0));
          fits.add(logs.get(i).admits(0, cost));
        }
        long price = random.nextBoolean() ? -1 : cost(random);
        boolean affordable = price <= 0 || spent + price <= budget.amount();
        boolean expected = affordable && !fits.contains(false);

        Answer answer =
            take(
                takes,
                price < 0
                    ? Optional.empty()
                    : Optional.of(new Spend("key_" + seed, budget, price)));

        String what = "seed " + seed + " call " + call + ": " + takes;
        assertThat(answer.admitted()).as(what).isEqualTo(expected);
        assertThat(answer.limits())
            .as(what)
            .extracting(Standing::admitted)
            .containsExactlyElementsOf(fits);
        for (int i = 0; i < asked.size(); i++) {
          if (expected) {
            logs.get(asked.get(i)).add(0, takes.get(i).cost());
            taken[asked.get(i)] += takes.get(i).cost();
          }
          assertThat(answer.limits().get(i).remaining())
              .as(what)
              .isEqualTo(limits.get(asked.get(i)).burst() - taken[asked.get(i)]);
        }
        spent += expected && price > 0 ? price : 0;
        Standing credits = answer.credits();
        assertThat(credits == null).isEqualTo(price < 0);
        if (credits != null) {
          assertThat(credits.admitted()).as(what).isEqualTo(affordable);
          assertThat(credits.remaining()).as(what).isEqualTo(budget.amount() - spent);
        }
        admitted += expected ? 1 : 0;
        refused += expected ? 0 : 1;
      }
    }
    assertThat(admitted).isGreaterThan(SEEDS * CALLS / 5);
    assertThat(refused).isGreaterThan(SEEDS * CALLS / 10);
  }

  /** A lease that a node holds. */
  private record Held(String node, long number, long left) {}

  /** Used, of leases and without, is what the log admits; what was not used is all there again. */
  @Test
  void leasesOfSeveralNodesUseNoMoreThanTheLogAdmitsAndLoseNothing() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      String subject = "key_" + seed;
      RateLimit limit = rate("leased", 100, AGES, 200 + random.nextInt(400), true);
      AdmissionLog log = new AdmissionLog(limit);
      List<Held> leases = new ArrayList<>();
      long used = 0;
      int granted = 0;
      for (int call = 0; call < CALLS; call++) {
        String node = "n" + random.nextInt(3);
        if (!leases.isEmpty() && random.nextInt(3) == 0) {
          Held lease = leases.remove(random.nextInt(leases.size()));
          long more = random.nextLong(1 + lease.left());
          used += use(log, more);
          end(subject, limit, lease, lease.left() - more);
        }
        long cost = cost(random);
        boolean fits = log.admits(0, cost);
        Answer answer =
            store.take(
                ACME,
                List.of(new Take(subject, limit, cost, random.nextInt(30))),
                Optional.empty(),
                new Lease(node, ++number, LONG),
                Instant.now());
        assertThat(fits || !answer.admitted()).as("seed %d call %d", seed, call).isTrue();
        if (answer.admitted()) {
          used += use(log, cost);
          long slice = answer.limits().get(0).leased();
          if (slice > 0) {
            leases.add(new Held(node, number, slice));
            granted++;
          }
        }
      }
      for (Held rest : leases) {
        end(subject, limit, rest, rest.left());
      }
      assertThat(granted).isGreaterThan(10);
      assertThat(used).isBetween(limit.burst() / 2, limit.burst());
      Answer after = take(List.of(new Take(subject, limit, 0, 0)), Optional.empty());
      assertThat(after.limits().get(0).remaining())
          .as("seed %d: what was not used", seed)
          .isEqualTo(limit.burst() - used);
    }
  }

  private static long use(AdmissionLog log, long cost) {
    assertThat(log.admits(0, cost)).as("no more than the bound is used").isTrue();
    log.add(0, cost);
    return cost;
  }

  private void end(String subject, RateLimit limit, Held lease, long unused) {
    store.end(
        lease.node(),
        List.of(new Ended(ACME, subject, limit, lease.number(), unused)),
        Instant.now());
  }

  /**
   * Requests come back while calls are made. The storage decides at a moment that is not known here
   * but lies between the clock's readings before and after the call, so an admitted call is held
   * against a log of the longest spans that can have been, and a refused one against a log of the
   * shortest. PostgreSQL's clock is this machine's, cut to microseconds: one more on either side.
   */
  @Test
  void shortWindowsDecideAsTheLogWithinTheTimeThatACallTakes() {
    int admitted = 0;
    int refused = 0;
    long micro = 1_000;
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      String subject = "key_" + seed;
      long began = nanos();
      for (int i = 0; i < 20; i++) {
        take(List.of(new Take(subject, rate("warm", 1, AGES, 1, false), 0, 0)), Optional.empty());
      }
      // About every third call is admitted, however fast the storage is.
      long each = Math.max(micro, (nanos() - began) / 20) * 3;
      long limit = 5L + random.nextInt(40);
      Duration window =
          Duration.ofNanos(Math.max(Duration.ofMillis(1).toNanos(), limit * each) / micro * micro);
      RateLimit shared = rate("short", limit, window, 1 + random.nextInt(20), false);
      RateLimit ages = rate("ages", 1, AGES, 1, false);
      AdmissionLog longest = new AdmissionLog(shared);
      AdmissionLog shortest = new AdmissionLog(shared);
      long until = nanos() + window.toNanos() * 4;
      for (int call = 0; call < CALLS || (nanos() < until && call < 20 * CALLS); call++) {
        long cost = random.nextInt(4) == 0 ? random.nextInt(4) : 1;
        List<Take> takes = new ArrayList<>(List.of(new Take(subject, shared, cost, 0)));
        if (random.nextBoolean()) {
          // Not by the short way, which one limit takes.
          takes.add(new Take(subject, ages, 0, 0));
        }
        long before = nanos() - micro;
        Answer answer = take(takes, Optional.empty());
        long after = nanos() + micro;
        String what = "seed " + seed + " call " + call;
        if (answer.admitted()) {
          assertThat(longest.admits(after, cost)).as(what).isTrue();
          longest.add(before, cost);
          shortest.add(after, cost);
          admitted++;
        } else {
          assertThat(shortest.admits(before, cost)).as("%s is refused", what).isFalse();
          refused++;
        }
      }
      assertThat(longest.size()).as("more than the burst").isGreaterThan((int) shared.burst());
    }
    assertThat(admitted).isGreaterThan(SEEDS * CALLS / 10);
    assertThat(refused).isGreaterThan(SEEDS * CALLS / 10);
  }

  private static long nanos() {
    return RateLimiter.nanos(Instant.now());
  }

  /** One limit alone has a way of its own, which must say what the general one says. */
  @Test
  void oneLimitAloneIsDecidedAsTogetherWithOneThatIsNeverInTheWay() {
    RateLimit open = rate("open", 1, AGES, 1, false);
    int refused = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      // The same limit in versions, as when its numbers are changed.
      List<RateLimit> versions = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        versions.add(rate("twin", 25 + random.nextInt(90), AGES, 50 + random.nextInt(200), false));
      }
      int version = 0;
      for (int call = 0; call < CALLS; call++) {
        version = random.nextInt(20) == 0 ? random.nextInt(3) : version;
        RateLimit limit = versions.get(version);
        long cost = random.nextInt(30) == 0 ? limit.burst() + 1 : cost(random);
        Standing alone =
            take(List.of(new Take("alone_" + seed, limit, cost, 0)), Optional.empty())
                .limits()
                .get(0);
        Standing together =
            take(
                    List.of(
                        new Take("beside_" + seed, open, 0, 0),
                        new Take("beside_" + seed, limit, cost, 0)),
                    Optional.empty())
                .limits()
                .get(1);
        String what = "seed " + seed + " call " + call;
        assertThat(alone.admitted()).as(what).isEqualTo(together.admitted());
        assertThat(alone.remaining()).as(what).isEqualTo(together.remaining());
        // The two were first asked, and are asked, at times that are a moment apart.
        assertClose(what, alone.retryAfterNanos(), together.retryAfterNanos());
        assertClose(what, alone.resetAfterNanos(), together.resetAfterNanos());
        refused += alone.admitted() ? 0 : 1;
      }
    }
    assertThat(refused).isBetween(SEEDS * CALLS / 20, SEEDS * CALLS * 19 / 20);
  }

  private static void assertClose(String what, long one, long other) {
    assertThat(Long.signum(one)).as(what).isEqualTo(Long.signum(other));
    assertThat(Math.abs(one - other)).as(what).isLessThan(Duration.ofMinutes(1).toNanos());
  }
}
