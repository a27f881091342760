package io.tenantkit.spi;

import io.tenantkit.ratelimit.RateLimit;

/**
 * A rate limit's numbers as {@link Bucket} uses them. One request comes back in each {@code window
 * / limit}, which need not be whole nanoseconds (60 s / 7), so lengths of time are pairs: whole
 * nanoseconds, and a rest counted in parts of {@code 1 / limit} nanosecond. All of it is exact; the
 * bounds of {@link RateLimit} keep it within 64 bits. Immutable.
 */
public final class Pace {
  private static final long CLOCK_NANOS = 1_000;

  private final long limit;
  private final long burst;
  private final long windowNanos;
  private final long intervalNanos;
  private final long intervalRest;
  private final long roomNanos;
  private final long roomRest;

  private Pace(RateLimit rate) {
    this.limit = rate.limit();
    this.burst = rate.burst();
    this.windowNanos = rate.window().toNanos();
    this.intervalNanos = windowNanos / limit;
    this.intervalRest = windowNanos % limit;
    boolean slack = intervalNanos >= CLOCK_NANOS;
    long parts = rest(burst) + (slack ? limit - 1 : 0);
    this.roomNanos = nanos(burst) + (slack ? CLOCK_NANOS - 1 : 0) + parts / limit;
    this.roomRest = parts % limit;
  }

  /** The numbers of this limit. */
  public static Pace of(RateLimit rate) {
    return new Pace(rate);
  }

  /** Requests in each window. */
  public long limit() {
    return limit;
  }

  /** Requests at once. */
  public long burst() {
    return burst;
  }

  /** The window in nanoseconds. */
  public long windowNanos() {
    return windowNanos;
  }

  /** The whole nanoseconds in which this many requests, at most the burst, come back. */
  long nanos(long requests) {
    return requests * intervalNanos + requests * intervalRest / limit;
  }

  /** What {@link #nanos} leaves, in parts of {@code 1 / limit} nanosecond. */
  long rest(long requests) {
    return requests * intervalRest % limit;
  }

  /** The whole nanoseconds that may be booked ahead: the burst, and what a clock cuts off. */
  long roomNanos() {
    return roomNanos;
  }

  long roomRest() {
    return roomRest;
  }

  boolean sameAs(Pace other) {
    return limit == other.limit && burst == other.burst && windowNanos == other.windowNanos;
  }

  /**
   * How many requests fit above a backlog.
   *
   * @param backlogNanos how far ahead of now the bucket is booked, and
   * @param backlogRest the rest of it
   */
  public long remaining(long backlogNanos, long backlogRest) {
    long freeNanos = roomNanos - backlogNanos;
    long freeRest = roomRest - backlogRest;
    if (freeRest < 0) {
      freeNanos--;
      freeRest += limit;
    }
    if (freeNanos < 0) {
      return 0;
    }
    // The quotient as a double is off by one at most; exact lengths decide.
    double interval = intervalNanos + (double) intervalRest / limit;
    long guess = Math.min(burst, Math.max(0, (long) (freeNanos / interval)));
    while (guess > 0 && isLonger(guess, freeNanos, freeRest)) {
      guess--;
    }
    while (guess < burst && !isLonger(guess + 1, freeNanos, freeRest)) {
      guess++;
    }
    return guess;
  }

  private boolean isLonger(long requests, long thanNanos, long thanRest) {
    long nanos = nanos(requests);
    return nanos > thanNanos || (nanos == thanNanos && rest(requests) > thanRest);
  }

  /**
   * In how many nanoseconds a request of this cost, at most the burst, fits above a backlog; zero
   * when it does now.
   */
  public long retryAfter(long backlogNanos, long backlogRest, long cost) {
    long nanos = backlogNanos + nanos(cost) - roomNanos;
    long rest = backlogRest + rest(cost) - roomRest;
    return Math.max(0, roundedUp(nanos, rest));
  }

  /** The pair in whole nanoseconds, rounded up; the rest may be negative or above one. */
  private long roundedUp(long nanos, long rest) {
    return nanos + -Math.floorDiv(-rest, limit);
  }

  /** In how many nanoseconds a backlog is gone. */
  public long resetAfter(long backlogNanos, long backlogRest) {
    return Math.max(0, roundedUp(backlogNanos, backlogRest));
  }
}
