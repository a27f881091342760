package io.tenantkit.spi;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of one limit: the theoretical arrival time (TAT) of the generic cell rate
 * algorithm, and how many requests are outstanding, that is taken ahead and not yet known to be
 * used. With T the time in which one request comes back:
 *
 * <pre>
 * booked     = max(now + outstanding * T, TAT)
 * available  = (now + burst * T - booked) / T, so that available + outstanding &lt;= burst always
 * take c     : TAT := booked + c * T, if that is no later than now + burst * T
 * lease k    : the same, and outstanding += k
 * end a lease of k with j unused, now, or at its expiry with j = 0:
 *              TAT := booked - j * T, outstanding -= k
 * </pre>
 *
 * <p><b>It never over-admits.</b> Take any span (s, e] and any number of nodes. A request in it was
 * either taken in it, or used from a lease that was outstanding at s or granted in the span. So
 * used &lt;= outstanding(s) + taken + granted - returned unused. Available falls by what is taken
 * and granted, and rises only with time, one request in each T, and by what is returned: ending a
 * lease leaves booked where it was but for j * T, since its used part stays in TAT. Hence taken +
 * granted &lt;= available(s) + (e - s) / T + returned, and used &lt;= outstanding(s) + available(s)
 * + (e - s) / T &lt;= burst + (e - s) / T. That a lease's use ends before its expiry, at which it
 * is written off, is the lease holder's part.
 *
 * <p><b>A change of the numbers</b> keeps what was taken: as many requests as were booked are
 * booked by the new ones. It is made by the first call that then fits, so while two versions of a
 * limit are in use neither forgives what the other took, and both together admit no more than the
 * more generous one alone: each admitted call found its own burst's room above all that was booked.
 *
 * <p>A call whose {@code now} is older than another's that went before is judged by its own: it is
 * only stricter. Not safe for use by several threads: whoever owns it guards it.
 */
public final class Bucket {
  /** How many longs {@link #save} writes. */
  public static final int LONGS = 2;

  private @Nullable Pace pace;
  private long tat = Long.MIN_VALUE / 4;

  // Below the limit, and at most the greatest burst: 32 bytes for each limit of each key.
  private int rest;
  private int outstanding;

  /** A bucket of which nothing was taken. */
  public Bucket() {}

  /**
   * A bucket as it was stored.
   *
   * @param pace the numbers that it was stored with
   * @param ticks TAT in parts of {@code 1 / limit} nanosecond since 1970
   */
  public Bucket(Pace pace, BigInteger ticks, long outstanding) {
    BigInteger[] parts = ticks.divideAndRemainder(BigInteger.valueOf(pace.limit()));
    this.pace = pace;
    this.tat = parts[0].longValueExact();
    this.rest = parts[1].intValueExact();
    this.outstanding = clamped(outstanding);
  }

  /**
   * A bucket as {@link #save} has written it.
   *
   * @param pace the numbers that it was saved with
   * @param at where it begins
   */
  public static Bucket load(Pace pace, long[] from, int at) {
    Bucket bucket = new Bucket();
    bucket.pace = pace;
    bucket.tat = from[at];
    bucket.rest = (int) (from[at + 1] >>> Integer.SIZE);
    bucket.outstanding = (int) from[at + 1];
    return bucket;
  }

  /** Writes all but the numbers, in {@value #LONGS} longs. */
  public void save(long[] to, int at) {
    to[at] = tat;
    to[at + 1] = (long) rest << Integer.SIZE | outstanding;
  }

  /** TAT in parts of {@code 1 / limit} nanosecond since 1970. */
  public BigInteger ticks() {
    long limit = pace == null ? 1 : pace.limit();
    return BigInteger.valueOf(tat)
        .multiply(BigInteger.valueOf(limit))
        .add(BigInteger.valueOf(rest));
  }

  /** Requests that were taken ahead and not yet settled. */
  public long outstanding() {
    return outstanding;
  }

  /** Whether a request of this cost would be admitted; a cost of zero always is. */
  public boolean admits(Pace wanted, long now, long cost) {
    return cost == 0 || (cost <= wanted.burst() && as(wanted, now).fits(wanted, now, cost));
  }

  private boolean fits(Pace wanted, long now, long cost) {
    long nanos = bookedNanos(wanted, now) + wanted.nanos(cost);
    long parts = bookedRest(wanted, now) + wanted.rest(cost);
    if (parts >= wanted.limit()) {
      parts -= wanted.limit();
      nanos++;
    }
    long latest = now + wanted.roomNanos();
    return nanos < latest || (nanos == latest && parts <= wanted.roomRest());
  }

  /** Takes what {@link #admits} said is there. */
  public void take(Pace wanted, long now, long cost) {
    if (cost > 0) {
      adopt(wanted, now);
      advance(wanted, bookedNanos(wanted, now), bookedRest(wanted, now), cost);
    }
  }

  /** Takes ahead what {@link #admits} said is there. */
  public void lease(Pace wanted, long now, long requests) {
    take(wanted, now, requests);
    outstanding = clamped(outstanding + requests);
  }

  /**
   * Ends a lease: what was used of it counts as used now, what was not is there again.
   *
   * @param requests the whole lease
   * @param unused of them
   */
  public void end(Pace wanted, long now, long requests, long unused) {
    Pace here = pace == null ? wanted : pace;
    long back = Math.min(unused, here.burst());
    long nanos = bookedNanos(here, now) - here.nanos(back);
    long parts = bookedRest(here, now) - here.rest(back);
    if (parts < 0) {
      parts += here.limit();
      nanos--;
    }
    tat = nanos;
    rest = (int) parts;
    outstanding = clamped(outstanding - requests);
  }

  /**
   * Settles what was taken ahead and used where it was decided, as of when it was taken: it stays
   * booked there, so that a call which waited for something else is not held against the next one.
   * Sound for what arrives: TAT is never below that of the calls that were admitted, by their
   * arrival, and what may still be returned; and {@link #end} takes only its own.
   */
  public void used(long requests) {
    outstanding = clamped(outstanding - requests);
  }

  private void advance(Pace wanted, long nanos, long parts, long requests) {
    long later = nanos + wanted.nanos(requests);
    long more = parts + wanted.rest(requests);
    if (more >= wanted.limit()) {
      more -= wanted.limit();
      later++;
    }
    tat = later;
    rest = (int) more;
  }

  /** Far more than any burst is as much as can be told apart. */
  private static int clamped(long requests) {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, requests));
  }

  private long bookedNanos(Pace wanted, long now) {
    return isAhead(wanted, now) ? tat : aheadNanos(wanted, now);
  }

  private long bookedRest(Pace wanted, long now) {
    return isAhead(wanted, now) ? rest : aheadRest(wanted);
  }

  /** Whether TAT is later than what is outstanding reaches. */
  private boolean isAhead(Pace wanted, long now) {
    long nanos = aheadNanos(wanted, now);
    return tat > nanos || (tat == nanos && rest > aheadRest(wanted));
  }

  private long aheadNanos(Pace wanted, long now) {
    return outstanding == 0 ? now : now + wanted.nanos(ahead(wanted));
  }

  private long aheadRest(Pace wanted) {
    return outstanding == 0 ? 0 : wanted.rest(ahead(wanted));
  }

  /** More than the burst only when the burst was lowered; then nothing fits in any case. */
  private long ahead(Pace wanted) {
    return Math.min(outstanding, wanted.burst());
  }

  /** Whether these are the numbers that it counts by. */
  public boolean countsBy(Pace wanted) {
    return pace == wanted || (pace != null && pace.sameAs(wanted));
  }

  /** This bucket by other numbers: itself when it counts by them, else for looking at only. */
  private Bucket as(Pace wanted, long now) {
    Pace before = pace;
    if (before == wanted) {
      return this;
    }
    if (before == null || before.sameAs(wanted)) {
      pace = wanted;
      return this;
    }
    Bucket other = new Bucket();
    other.pace = wanted;
    other.outstanding = outstanding;
    other.tat = tat > now ? now + converted(before, wanted, tat - now, rest) : tat;
    return other;
  }

  /** As long as the same requests take by other numbers, in whole nanoseconds, rounded up. */
  private static long converted(Pace from, Pace to, long nanos, long parts) {
    BigInteger booked =
        BigInteger.valueOf(nanos)
            .multiply(BigInteger.valueOf(from.limit()))
            .add(BigInteger.valueOf(parts))
            .multiply(BigInteger.valueOf(to.windowNanos()));
    BigInteger each =
        BigInteger.valueOf(from.windowNanos()).multiply(BigInteger.valueOf(to.limit()));
    BigInteger[] whole = booked.divideAndRemainder(each);
    long most = Long.MAX_VALUE / 4;
    return whole[0].bitLength() > 60
        ? most
        : Math.min(most, whole[0].longValueExact() + whole[1].signum());
  }

  /** What fits by these numbers is counted by them from now on. */
  private void adopt(Pace wanted, long now) {
    Bucket other = as(wanted, now);
    if (other != this) {
      pace = wanted;
      tat = other.tat;
      rest = other.rest;
    }
  }

  /**
   * The whole nanoseconds by which the bucket is booked ahead of now, no more than there is room
   * for by these numbers.
   */
  public long backlogNanos(Pace wanted, long now) {
    Bucket other = as(wanted, now);
    long nanos = other.bookedNanos(wanted, now) - now;
    return other == this ? nanos : Math.min(nanos, wanted.roomNanos());
  }

  /** What {@link #backlogNanos} leaves, in parts of {@code 1 / limit} nanosecond. */
  public long backlogRest(Pace wanted, long now) {
    return as(wanted, now).bookedRest(wanted, now);
  }

  /** Whether the bucket is full and nothing is outstanding, so that a new one is as good. */
  public boolean isIdle(long now) {
    return outstanding == 0 && (tat < now || (tat == now && rest == 0));
  }
}
