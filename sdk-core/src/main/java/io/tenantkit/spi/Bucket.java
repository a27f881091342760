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
 * <p>A call whose {@code now} is older than another's that went before is judged by its own: it is
 * only stricter. Not safe for use by several threads: whoever owns it guards it.
 */
public final class Bucket {
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
    if (cost > wanted.burst()) {
      return false;
    }
    adopt(wanted, now);
    return cost == 0 || fits(wanted, now, cost);
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
    adopt(wanted, now);
    long back = Math.min(unused, wanted.burst());
    long nanos = bookedNanos(wanted, now) - wanted.nanos(back);
    long parts = bookedRest(wanted, now) - wanted.rest(back);
    if (parts < 0) {
      parts += wanted.limit();
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

  /**
   * TAT stays when the numbers change, but for less than a nanosecond, and no later than a bucket
   * that is empty by the new numbers.
   */
  private void adopt(Pace wanted, long now) {
    Pace before = pace;
    if (before == wanted) {
      return;
    }
    pace = wanted;
    if (before == null || before.sameAs(wanted)) {
      return;
    }
    if (rest > 0) {
      rest = 0;
      tat++;
    }
    long latest = now + wanted.roomNanos();
    if (tat > latest) {
      tat = latest;
      rest = (int) wanted.roomRest();
    }
  }

  /** The whole nanoseconds by which the bucket is booked ahead of now. */
  public long backlogNanos(Pace wanted, long now) {
    adopt(wanted, now);
    return bookedNanos(wanted, now) - now;
  }

  /** What {@link #backlogNanos} leaves, in parts of {@code 1 / limit} nanosecond. */
  public long backlogRest(Pace wanted, long now) {
    adopt(wanted, now);
    return bookedRest(wanted, now);
  }

  /** Whether the bucket is full and nothing is outstanding, so that a new one is as good. */
  public boolean isIdle(long now) {
    return outstanding == 0 && (tat < now || (tat == now && rest == 0));
  }
}
