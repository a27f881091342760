package io.tenantkit.ratelimit;

import io.tenantkit.ratelimit.LimitStatus.Outcome;
import io.tenantkit.ratelimit.RateLimit.Mode;
import io.tenantkit.spi.Bucket;
import io.tenantkit.tenant.OrganizationId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key's limits with the state they count in. Decides in process where it can, under the monitors
 * of the key's group and of its organization's; what needs the storage is {@link StoreCall}'s.
 */
final class BoundLimits {
  static final String CREDITS = "credits";

  private final DefaultRateLimiter limiter;
  private final LimitSubject subject;
  private final LimitGroup own;
  private final LimitGroup pool;
  private final LimitEntry[] entries;
  private final Optional<Credits> credits;
  private final boolean shared;

  /**
   * Limits of up to two groups.
   *
   * @param own the first monitor: the key's group, or the pool's when only it has limits
   * @param pool the second: the pool's group, or the same as the first
   */
  BoundLimits(
      DefaultRateLimiter limiter,
      LimitSubject subject,
      LimitGroup own,
      LimitGroup pool,
      LimitEntry[] entries,
      Optional<Credits> credits) {
    this.limiter = limiter;
    this.subject = subject;
    this.own = own;
    this.pool = pool;
    this.entries = entries;
    this.credits = credits;
    this.shared = Arrays.stream(entries).anyMatch(entry -> entry.limit().mode() == Mode.SHARED);
  }

  OrganizationId organization() {
    return subject.organization();
  }

  String family() {
    return subject.family();
  }

  LimitGroup own() {
    return own;
  }

  LimitGroup pool() {
    return pool;
  }

  LimitEntry[] entries() {
    return entries;
  }

  Optional<Credits> credits() {
    return credits;
  }

  static long cost(LimitEntry entry, long cost, Map<String, Long> costs) {
    return costs.isEmpty() ? cost : costs.getOrDefault(entry.limit().name(), cost);
  }

  /** The decision, or null when the state was dropped meanwhile. */
  @Nullable LimitDecision decide(long now, long cost, Map<String, Long> costs) {
    boolean spends = credits.isPresent() && costs.getOrDefault(CREDITS, cost) > 0;
    if (!shared && !spends) {
      List<LimitEntry> wanting = new ArrayList<>();
      LimitDecision decision;
      synchronized (own) {
        synchronized (pool) {
          if (own.retired() || pool.retired()) {
            return null;
          }
          decision = leased(now, cost, costs, wanting);
        }
      }
      wanting.forEach(limiter::fetchLater);
      if (decision != null) {
        return decision;
      }
    }
    return new StoreCall(limiter, this, now, cost, costs).decide();
  }

  /** As {@link PreparedLimits#standing}. */
  List<LimitStatus> standing(long now, long cost, Map<String, Long> costs) {
    List<LimitStatus> statuses = new ArrayList<>(entries.length + 1);
    synchronized (own) {
      synchronized (pool) {
        for (LimitEntry entry : entries) {
          statuses.add(
              entry.limit().mode() == Mode.LOCAL
                  ? local(entry, now, cost(entry, cost, costs))
                  : entry.facts().status(Outcome.NOT_ASKED));
        }
      }
    }
    credits.ifPresent(budget -> statuses.add(LimitFacts.status(budget, Outcome.NOT_ASKED, null)));
    return statuses;
  }

  static Bucket bucket(LimitEntry entry) {
    Bucket bucket = entry.bucket();
    if (bucket == null) {
      throw new IllegalStateException("not a local limit");
    }
    return bucket;
  }

  static HeldLeases leases(LimitEntry entry) {
    HeldLeases leases = entry.leases();
    if (leases == null) {
      throw new IllegalStateException("not a leased limit");
    }
    return leases;
  }

  /**
   * Under the monitors: local limits and leases, without the storage. Null when a lease has too
   * little left, so that the storage must say.
   *
   * @param wanting gets the limits of which more had better be fetched
   */
  private @Nullable LimitDecision leased(
      long now, long cost, Map<String, Long> costs, List<LimitEntry> wanting) {
    long steady = limiter.steady();
    boolean refused = false;
    boolean enough = true;
    HeldLeases.@Nullable Lease[] found = new HeldLeases.Lease[entries.length];
    for (int i = 0; i < entries.length; i++) {
      LimitEntry entry = entries[i];
      long wanted = cost(entry, cost, costs);
      if (entry.limit().mode() == Mode.LOCAL) {
        refused |= !bucket(entry).admits(entry.pace(), now, wanted);
      } else if (wanted > 0) {
        found[i] = leases(entry).with(wanted, steady);
        enough &= found[i] != null;
        refused |=
            found[i] == null
                && (wanted > entry.limit().burst() || leases(entry).refusal(wanted, steady) > 0);
      }
    }
    if (refused) {
      return new LimitDecision(false, statuses(now, cost, costs, false, steady));
    }
    if (!enough || !taken(cost, costs, found)) {
      return null;
    }
    for (LimitEntry entry : entries) {
      if (entry.limit().mode() == Mode.LOCAL) {
        bucket(entry).take(entry.pace(), now, cost(entry, cost, costs));
      } else if (leases(entry).beginFetch(steady)) {
        wanting.add(entry);
      }
    }
    return new LimitDecision(true, statuses(now, cost, costs, true, steady));
  }

  /**
   * Takes of the leases. The counter is read again after: a process that was stopped just before
   * must not admit by a lease that ended meanwhile.
   */
  private boolean taken(long cost, Map<String, Long> costs, HeldLeases.@Nullable Lease[] found) {
    for (int i = 0; i < found.length; i++) {
      if (found[i] != null) {
        found[i].take(cost(entries[i], cost, costs));
      }
    }
    long steady = limiter.steady();
    boolean alive = true;
    for (HeldLeases.Lease lease : found) {
      alive &= lease == null || !lease.isOver(steady);
    }
    for (int i = 0; !alive && i < found.length; i++) {
      if (found[i] != null) {
        found[i].take(-cost(entries[i], cost, costs));
      }
    }
    return alive;
  }

  /** Under the monitors. */
  private List<LimitStatus> statuses(
      long now, long cost, Map<String, Long> costs, boolean admitted, long steady) {
    List<LimitStatus> statuses = new ArrayList<>(entries.length + 1);
    for (LimitEntry entry : entries) {
      long wanted = cost(entry, cost, costs);
      if (entry.limit().mode() == Mode.LOCAL) {
        statuses.add(local(entry, now, admitted ? 0 : wanted));
        continue;
      }
      HeldLeases leases = leases(entry);
      long refusal = leases.refusal(wanted, steady);
      Outcome outcome = Outcome.ADMITTED;
      if (!admitted && wanted > entry.limit().burst()) {
        outcome = Outcome.TOO_COSTLY;
      } else if (!admitted && wanted > 0 && leases.with(wanted, steady) == null) {
        outcome = refusal > 0 ? Outcome.REFUSED : Outcome.NOT_ASKED;
      }
      statuses.add(entry.facts().status(leases.left(steady), Math.max(0, refusal), 0, outcome));
    }
    credits.ifPresent(budget -> statuses.add(LimitFacts.status(budget, Outcome.NOT_ASKED, null)));
    return statuses;
  }

  static LimitStatus local(LimitEntry entry, long now, long cost) {
    Bucket bucket = bucket(entry);
    long nanos = bucket.backlogNanos(entry.pace(), now);
    return entry.facts().status(cost, nanos, bucket.backlogRest(entry.pace(), now));
  }
}
