package io.tenantkit.ratelimit;

import io.tenantkit.TenantkitException;
import io.tenantkit.ratelimit.LimitStatus.Outcome;
import io.tenantkit.ratelimit.RateLimit.Mode;
import io.tenantkit.ratelimit.RateLimit.OnFailure;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Spend;
import io.tenantkit.spi.RateLimitStore.Standing;
import io.tenantkit.spi.RateLimitStore.Take;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One decision that the storage takes part in. Local limits are taken ahead first, as a lease of
 * their own buckets, then everything else is asked of the storage in one round trip, and then what
 * was taken ahead is used or given back. No monitor is held while the storage is asked. Leased
 * limits are taken exactly here, and not from the leases: the storage is asked anyway.
 */
final class StoreCall {
  private final DefaultRateLimiter limiter;
  private final BoundLimits limits;
  private final LimitEntry[] entries;
  private final long now;
  private final long cost;
  private final Map<String, Long> costs;
  private final List<LimitEntry> asked = new ArrayList<>();
  private final List<Take> takes = new ArrayList<>();
  private final Optional<Spend> spend;

  StoreCall(
      DefaultRateLimiter limiter,
      BoundLimits limits,
      long now,
      long cost,
      Map<String, Long> costs) {
    this.limiter = limiter;
    this.limits = limits;
    this.entries = limits.entries();
    this.now = now;
    this.cost = cost;
    this.costs = costs;
    this.spend =
        limits
            .credits()
            .map(
                budget ->
                    new Spend(
                        limits.family(), budget, costs.getOrDefault(BoundLimits.CREDITS, cost)));
  }

  /** The decision, or null when the state was dropped meanwhile. */
  @Nullable LimitDecision decide() {
    synchronized (limits.own()) {
      synchronized (limits.pool()) {
        if (limits.own().retired() || limits.pool().retired()) {
          return null;
        }
        if (isRefusedHere()) {
          return new LimitDecision(false, statuses(false, null, Outcome.NOT_ASKED));
        }
        takeAhead();
      }
    }
    boolean settled = false;
    long number = limiter.nextLease();
    long sent = limiter.steady();
    try {
      LimitDecision decision;
      try {
        Answer answer = limiter.take(limits.organization(), takes, spend, number);
        decision = settle(answer, number, sent);
      } catch (TenantkitException e) {
        decision = settleFailed(isOpen(), number);
      }
      settled = true;
      return decision;
    } finally {
      if (!settled) {
        giveBack(number);
      }
    }
  }

  private long costOf(LimitEntry entry) {
    return BoundLimits.cost(entry, cost, costs);
  }

  private boolean isLocal(LimitEntry entry) {
    return entry.limit().mode() == Mode.LOCAL;
  }

  private boolean isRefusedHere() {
    for (LimitEntry entry : entries) {
      boolean admits =
          isLocal(entry)
              ? BoundLimits.bucket(entry).admits(entry.pace(), now, costOf(entry))
              : costOf(entry) <= entry.limit().burst();
      if (!admits) {
        return true;
      }
    }
    return false;
  }

  private void takeAhead() {
    long steady = limiter.steady();
    for (LimitEntry entry : entries) {
      if (isLocal(entry)) {
        BoundLimits.bucket(entry).lease(entry.pace(), now, costOf(entry));
      } else {
        boolean fetches = entry.leases() != null && entry.leases().beginFetch(steady);
        asked.add(entry);
        takes.add(
            new Take(
                entry.group().subject(),
                entry.limit(),
                costOf(entry),
                fetches ? BoundLimits.leases(entry).slice() : 0));
      }
    }
  }

  private LimitDecision settle(Answer answer, long number, long sent) {
    synchronized (limits.own()) {
      synchronized (limits.pool()) {
        long steady = limiter.steady();
        for (int i = 0; i < asked.size(); i++) {
          Standing standing = answer.limits().get(i);
          HeldLeases leases = asked.get(i).leases();
          if (leases != null) {
            if (takes.get(i).slice() > 0) {
              leases.endFetch();
              leases.add(limiter.lease(number, standing.leased(), sent), steady);
            }
            if (!standing.admitted()) {
              leases.refused(costOf(asked.get(i)), steady, standing.retryAfterNanos());
            }
          }
        }
        settleLocal(answer.admitted());
        return new LimitDecision(
            answer.admitted(), statuses(answer.admitted(), answer, Outcome.NOT_ASKED));
      }
    }
  }

  /** Whether everything that was to be asked of the storage fails open. */
  private boolean isOpen() {
    return spend.isEmpty()
        && asked.stream().allMatch(entry -> entry.limit().onFailure() == OnFailure.OPEN);
  }

  private LimitDecision settleFailed(boolean admitted, long number) {
    limiter.countFailed(admitted);
    synchronized (limits.own()) {
      synchronized (limits.pool()) {
        forgetLease(number);
        settleLocal(admitted);
        return new LimitDecision(admitted, statuses(admitted, null, Outcome.FAILED_CLOSED));
      }
    }
  }

  /** Something else went wrong: nothing stays taken. */
  private void giveBack(long number) {
    synchronized (limits.own()) {
      synchronized (limits.pool()) {
        forgetLease(number);
        settleLocal(false);
      }
    }
  }

  /** Nobody knows whether it was granted. */
  private void forgetLease(long number) {
    for (int i = 0; i < asked.size(); i++) {
      HeldLeases leases = asked.get(i).leases();
      if (leases != null && takes.get(i).slice() > 0) {
        leases.endFetch();
        leases.unknown(number);
      }
    }
  }

  private void settleLocal(boolean used) {
    long later = limiter.now();
    for (LimitEntry entry : entries) {
      if (isLocal(entry)) {
        long taken = costOf(entry);
        if (used) {
          BoundLimits.bucket(entry).used(taken);
        } else {
          BoundLimits.bucket(entry).end(entry.pace(), Math.max(now, later), taken, taken);
        }
      }
    }
  }

  /**
   * Of every limit.
   *
   * @param missing what is said of limits that the storage gave no answer on
   */
  private List<LimitStatus> statuses(boolean admitted, @Nullable Answer answer, Outcome missing) {
    List<LimitStatus> statuses = new ArrayList<>(entries.length + 1);
    int next = 0;
    for (LimitEntry entry : entries) {
      if (isLocal(entry)) {
        statuses.add(BoundLimits.local(entry, now, admitted ? 0 : costOf(entry)));
      } else if (answer != null) {
        statuses.add(entry.facts().status(costOf(entry), answer.limits().get(next++)));
      } else {
        statuses.add(entry.facts().status(missing(entry, missing)));
      }
    }
    limits.credits().ifPresent(budget -> statuses.add(status(budget, answer, missing)));
    return statuses;
  }

  private Outcome missing(LimitEntry entry, Outcome missing) {
    if (costOf(entry) > entry.limit().burst()) {
      return Outcome.TOO_COSTLY;
    }
    return missing == Outcome.FAILED_CLOSED && entry.limit().onFailure() == OnFailure.OPEN
        ? Outcome.FAILED_OPEN
        : missing;
  }

  private static LimitStatus status(Credits budget, @Nullable Answer answer, Outcome missing) {
    RateLimitStore.@Nullable Standing standing = answer == null ? null : answer.credits();
    if (standing == null) {
      return LimitFacts.status(budget, missing, null);
    }
    return LimitFacts.status(
        budget, standing.admitted() ? Outcome.ADMITTED : Outcome.REFUSED, standing);
  }
}
