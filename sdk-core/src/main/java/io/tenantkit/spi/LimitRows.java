package io.tenantkit.spi;

import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Ended;
import io.tenantkit.spi.RateLimitStore.Lease;
import io.tenantkit.spi.RateLimitStore.Spend;
import io.tenantkit.spi.RateLimitStore.Standing;
import io.tenantkit.spi.RateLimitStore.Take;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@link RateLimitStore} does, over rows that a storage loads and saves: for storages whose
 * database cannot do it by itself. The caller sees to it that one call goes on at a time, and that
 * all rows of a call are saved or none.
 */
public final class LimitRows {
  /** At most this part of the burst in one lease, shared by the nodes. */
  private static final long LEASE_PART = 8;

  /**
   * A limit's row.
   *
   * @param ticks TAT in parts of {@code 1 / limit} nanosecond since 1970
   * @param leases by number of request and node
   */
  public record LimitRow(RateLimit limit, BigInteger ticks, List<LeaseRow> leases) {}

  /**
   * A lease's row.
   *
   * @param expires in nanoseconds since 1970
   */
  public record LeaseRow(String node, long number, long requests, long expires) {}

  /**
   * A budget's row.
   *
   * @param budget the budget that {@code remaining} was counted of
   * @param remaining below 0 after the budget was made less than what had been spent: a debt that
   *     is forgotten could be spent again
   * @param refilled when it was last refilled, in nanoseconds since 1970
   */
  public record CreditRow(long budget, long remaining, long refilled) {}

  /** Where rows are, of one organization. */
  public interface Rows {
    /** The row, or null. */
    @Nullable LimitRow limit(String subject, RateLimit limit);

    /** Adds or replaces the row. */
    void save(String subject, LimitRow row);

    /** The row, or null. */
    @Nullable CreditRow credits(String subject);

    /** Adds or replaces the row. */
    void save(String subject, CreditRow row);
  }

  /** A limit's state while a call goes on. */
  private static final class Open {
    private final RateLimit limit;
    private final RateLimit before;
    private final Pace pace;
    private final Bucket bucket;
    private final List<LeaseRow> leases;

    Open(RateLimit limit, @Nullable LimitRow row, long now) {
      this.limit = limit;
      this.pace = Pace.of(limit);
      this.leases = new ArrayList<>();
      if (row == null) {
        this.before = limit;
        this.bucket = new Bucket();
        return;
      }
      this.before = row.limit();
      leases.addAll(row.leases());
      long outstanding = leases.stream().mapToLong(LeaseRow::requests).sum();
      Pace counted = Pace.of(before);
      this.bucket = new Bucket(counted, row.ticks(), outstanding);
      leases.sort(Comparator.comparingLong(LeaseRow::expires));
      while (!leases.isEmpty() && leases.get(0).expires() <= now) {
        LeaseRow over = leases.remove(0);
        bucket.end(counted, over.expires(), over.requests(), 0);
      }
    }

    LimitRow row() {
      return new LimitRow(
          bucket.countsBy(pace) ? limit : before, bucket.ticks(), List.copyOf(leases));
    }

    long lease(Lease lease, long slice, long now) {
      long nodes =
          1
              + leases.stream()
                  .map(LeaseRow::node)
                  .filter(node -> !node.equals(lease.node()))
                  .distinct()
                  .count();
      long backlog = bucket.backlogNanos(pace, now);
      long most = Math.max(1, limit.burst() / (LEASE_PART * nodes));
      long granted =
          Math.min(Math.min(slice, most), pace.remaining(backlog, bucket.backlogRest(pace, now)));
      if (granted > 0) {
        bucket.lease(pace, now, granted);
        leases.add(
            new LeaseRow(lease.node(), lease.number(), granted, now + lease.length().toNanos()));
      }
      return granted;
    }
  }

  private LimitRows() {}

  /** As {@link RateLimitStore#take}. */
  public static Answer take(
      Rows rows, List<Take> takes, Optional<Spend> spend, Lease lease, long now) {
    List<Open> open = new ArrayList<>();
    boolean admitted = true;
    for (Take take : takes) {
      Open each = new Open(take.limit(), rows.limit(take.subject(), take.limit()), now);
      open.add(each);
      admitted &= each.bucket.admits(each.pace, now, take.cost());
    }
    CreditRow credits =
        spend.map(s -> refilled(rows.credits(s.subject()), s.credits(), now)).orElse(null);
    admitted &= credits == null || fits(credits, spend.orElseThrow());
    List<Standing> standings = new ArrayList<>();
    for (int i = 0; i < open.size(); i++) {
      standings.add(settle(open.get(i), takes.get(i), lease, now, admitted));
      rows.save(takes.get(i).subject(), open.get(i).row());
    }
    if (credits == null) {
      return new Answer(admitted, standings, null);
    }
    Spend wanted = spend.orElseThrow();
    long left = credits.remaining() - (admitted ? wanted.cost() : 0);
    rows.save(wanted.subject(), new CreditRow(credits.budget(), left, credits.refilled()));
    return new Answer(admitted, standings, standing(wanted, credits, left, now));
  }

  private static Standing settle(Open open, Take take, Lease lease, long now, boolean admitted) {
    boolean fits = open.bucket.admits(open.pace, now, take.cost());
    long wait = 0;
    if (take.cost() > take.limit().burst()) {
      wait = -1;
    } else if (!fits) {
      long backlog = open.bucket.backlogNanos(open.pace, now);
      wait = open.pace.retryAfter(backlog, open.bucket.backlogRest(open.pace, now), take.cost());
    }
    long leased = 0;
    if (admitted) {
      open.bucket.take(open.pace, now, take.cost());
      leased = take.slice() > 0 ? open.lease(lease, take.slice(), now) : 0;
    }
    long nanos = open.bucket.backlogNanos(open.pace, now);
    long rest = open.bucket.backlogRest(open.pace, now);
    return new Standing(
        fits, open.pace.remaining(nanos, rest), wait, open.pace.resetAfter(nanos, rest), leased);
  }

  /** The budget as it is now: a changed one adds or takes the difference, then steps are added. */
  private static CreditRow refilled(@Nullable CreditRow row, Credits credits, long now) {
    if (row == null) {
      return new CreditRow(credits.amount(), credits.amount(), now);
    }
    long budget = credits.amount();
    long remaining = Math.min(budget, row.remaining() + budget - row.budget());
    long refilled = row.refilled();
    if (credits.refill().isPresent()) {
      Credits.Refill refill = credits.refill().get();
      long every = refill.every().toNanos();
      long steps = Math.max(0, (now - refilled) / every);
      long needed = (budget - remaining + refill.amount() - 1) / refill.amount();
      remaining = Math.min(budget, remaining + Math.min(steps, needed) * refill.amount());
      refilled += steps * every;
    }
    return new CreditRow(budget, remaining, refilled);
  }

  private static boolean fits(CreditRow credits, Spend spend) {
    return spend.cost() == 0 || credits.remaining() >= spend.cost();
  }

  private static Standing standing(Spend spend, CreditRow before, long left, long now) {
    boolean fits = fits(before, spend);
    long told = Math.max(0, left);
    long amount = spend.credits().amount();
    if (spend.credits().refill().isEmpty()) {
      return new Standing(fits, told, fits ? 0 : -1, 0, 0);
    }
    Credits.Refill refill = spend.credits().refill().get();
    long wait = 0;
    if (!fits) {
      wait = spend.cost() > amount ? -1 : until(spend.cost() - left, refill, before, now);
    }
    return new Standing(fits, told, wait, until(amount - left, refill, before, now), 0);
  }

  private static long until(long missing, Credits.Refill refill, CreditRow row, long now) {
    if (missing <= 0) {
      return 0;
    }
    long steps = (missing + refill.amount() - 1) / refill.amount();
    long every = refill.every().toNanos();
    // A wait that no clock holds is as good as the longest that one does.
    return steps > Long.MAX_VALUE / 4 / every
        ? Long.MAX_VALUE / 4
        : row.refilled() + steps * every - now;
  }

  /** As {@link RateLimitStore#end}, of one lease. */
  public static void end(Rows rows, String node, Ended ended, long now) {
    LimitRow row = rows.limit(ended.subject(), ended.limit());
    if (row == null) {
      return;
    }
    Open open = new Open(row.limit(), row, now);
    for (LeaseRow lease : List.copyOf(open.leases)) {
      if (lease.node().equals(node) && lease.number() == ended.number()) {
        open.leases.remove(lease);
        open.bucket.end(
            open.pace, now, lease.requests(), Math.min(ended.unused(), lease.requests()));
      }
    }
    rows.save(ended.subject(), open.row());
  }

  /** Whether nothing of a limit is taken any more. */
  public static boolean isIdle(LimitRow row, long now) {
    Open open = new Open(row.limit(), row, now);
    return open.bucket.isIdle(now);
  }
}
