package io.tenantkit.audit;

import java.util.concurrent.atomic.AtomicLong;

/** One minute's budget of samples. Safe for use by several threads, without a lock. */
final class FailureBudget {
  /** The answer of {@link #take} when the sample is to be left out. */
  static final long LEFT_OUT = -1;

  /** The answer of {@link #take} when another budget has taken this one's place. */
  static final long RETIRED = -2;

  /** The minute and how many were taken in it, together: minute * 16 + taken. */
  private static final int TAKEN_BITS = 4;

  private static final long TAKEN = (1L << TAKEN_BITS) - 1;
  private static final long GONE = Long.MAX_VALUE;

  private final AtomicLong state = new AtomicLong(Long.MIN_VALUE);
  private final AtomicLong leftOut = new AtomicLong();

  /**
   * Takes one sample of this minute.
   *
   * @return how many were left out since the last sample, or one of the constants
   */
  long take(long minute) {
    while (true) {
      long before = state.get();
      if (before == GONE) {
        return RETIRED;
      }
      long current = Math.max(before >> TAKEN_BITS, minute);
      long taken = current == before >> TAKEN_BITS ? before & TAKEN : 0;
      if (taken >= FailureSampler.PER_MINUTE) {
        leftOut.getAndIncrement();
        return LEFT_OUT;
      }
      if (state.compareAndSet(before, (current << TAKEN_BITS) + taken + 1)) {
        return leftOut.getAndSet(0);
      }
    }
  }

  /** Ends this budget if its minute has passed and nothing left out is still to be told. */
  boolean retire(long minute) {
    long before = state.get();
    return before >> TAKEN_BITS < minute && leftOut.get() == 0 && state.compareAndSet(before, GONE);
  }
}
