package io.tenantkit.ratelimit;

import io.tenantkit.spi.RateLimitStore.Ended;
import io.tenantkit.tenant.OrganizationId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slices of one leased limit that this node holds. Times are those of the steady counter, from
 * before the request for the lease was sent: so a lease ends here before it ends in the database,
 * also when the process was stopped meanwhile. Guarded by its group's monitor.
 */
final class HeldLeases {
  private static final long FIRST_SLICE = 4;
  private static final int MAX_UNDELIVERED = 64;
  private static final long LONGEST_REFUSAL = 1_000_000_000L;

  /** One slice. */
  static final class Lease {
    private final long number;
    private final long granted;
    private final long since;
    private final long until;
    private long left;

    Lease(long number, long granted, long since, long until) {
      this.number = number;
      this.granted = granted;
      this.since = since;
      this.until = until;
      this.left = granted;
    }

    void take(long cost) {
      left -= cost;
    }

    boolean isOver(long steady) {
      return steady - until >= 0;
    }

    /** Past three fifths of its time, when what is unused had better go back. */
    private boolean isOld(long steady) {
      return steady - since >= (until - since) / 5 * 3;
    }
  }

  private RateLimit limit;
  private final List<Lease> held = new ArrayList<>();
  private final List<Lease> over = new ArrayList<>();
  private final List<Ended> undelivered = new ArrayList<>();
  private long slice = FIRST_SLICE;

  /** How many the storage gave last: it may give fewer than are asked for. */
  private long lately = FIRST_SLICE;

  private boolean fetching;
  private long refusedCost = Long.MAX_VALUE;
  private long refusedUntil;

  HeldLeases(RateLimit limit) {
    this.limit = limit;
  }

  HeldLeases adopt(RateLimit changed) {
    limit = changed;
    return this;
  }

  RateLimit limit() {
    return limit;
  }

  /** A lease that has this much left, or null. */
  @Nullable Lease with(long cost, long steady) {
    for (int i = 0; i < held.size(); i++) {
      Lease lease = held.get(i);
      if (lease.left >= cost && !lease.isOver(steady)) {
        return lease;
      }
    }
    return null;
  }

  /** How much is left in all. */
  long left(long steady) {
    long left = 0;
    for (Lease lease : held) {
      left += lease.isOver(steady) ? 0 : lease.left;
    }
    return left;
  }

  /** How many to ask for. */
  long slice() {
    return Math.min(slice, limit.burst());
  }

  void add(Lease lease, long steady) {
    retire(steady, false);
    lately = Math.max(1, lease.granted);
    if (lease.granted > 0) {
      held.add(lease);
    }
  }

  /** Whether more had better be fetched now; then whoever asked does so. */
  boolean beginFetch(long steady) {
    if (fetching || 2 * left(steady) >= Math.min(slice(), lately)) {
      return false;
    }
    fetching = true;
    return true;
  }

  void endFetch() {
    fetching = false;
  }

  /** The storage had less than this cost: until then there is no use in asking. */
  void refused(long cost, long steady, long waitNanos) {
    refusedCost = cost;
    refusedUntil = steady + Math.min(waitNanos, LONGEST_REFUSAL);
  }

  /** How long a request of this cost need not be tried; zero or less when it may be. */
  long refusal(long cost, long steady) {
    return cost >= refusedCost ? refusedUntil - steady : 0;
  }

  /** The leases that are to be ended, which are not used any more from here on. */
  List<Ended> drain(OrganizationId organization, String subject, long steady, boolean all) {
    retire(steady, all);
    List<Ended> ended = new ArrayList<>(undelivered);
    undelivered.clear();
    for (Lease lease : over) {
      ended.add(new Ended(organization, subject, limit, lease.number, lease.left));
    }
    over.clear();
    return ended;
  }

  /** They could not be given back now. Ending twice does no harm, so an unknown commit is none. */
  void restore(List<Ended> ended) {
    for (Ended each : ended) {
      if (each.limit().name().equals(limit.name()) && undelivered.size() < MAX_UNDELIVERED) {
        undelivered.add(each);
      }
    }
  }

  /** A lease that may have been granted or not, and of which nothing will be used. */
  void unknown(long number) {
    over.add(new Lease(number, Long.MAX_VALUE, 0, 0));
  }

  /** Puts aside what is used up, old, or over. A slice used up early doubles the next one. */
  private void retire(long steady, boolean all) {
    for (Iterator<Lease> each = held.iterator(); each.hasNext(); ) {
      Lease lease = each.next();
      if (all || lease.left == 0 || lease.isOld(steady)) {
        each.remove();
        over.add(lease);
        if (lease.left == 0 && !lease.isOld(steady)) {
          slice = Math.min(2 * lease.granted, limit.burst());
        } else if (2 * lease.left > lease.granted) {
          slice = Math.max(1, slice / 2);
        }
      }
    }
  }

  boolean isIdle() {
    return held.isEmpty() && over.isEmpty() && undelivered.isEmpty() && !fetching;
  }
}
