package io.tenantkit.metric;

import java.util.function.LongSupplier;

/**
 * Where measurements go. Meters are asked for once, when a control plane opens, and then used from
 * any thread without a look-up; they must not block. Names are dotted and lower case, begin with
 * {@code tenantkit.}, and tags are pairs of a key and a value out of a closed list: never a
 * tenant's id, so their number is bounded.
 */
public interface Metrics {

  /** Counts. */
  @FunctionalInterface
  interface Counter {
    /** Adds this many. */
    void add(long amount);
  }

  /** Times. */
  @FunctionalInterface
  interface Timer {
    /** Takes one duration in nanoseconds. */
    void record(long nanos);
  }

  /**
   * A counter.
   *
   * @param tags key, value, key, value…
   */
  Counter counter(String name, String... tags);

  /**
   * A timer.
   *
   * @param tags key, value, key, value…
   */
  Timer timer(String name, String... tags);

  /**
   * A value that is read when the host looks.
   *
   * @param tags key, value, key, value…
   */
  void gauge(String name, LongSupplier value, String... tags);

  /** Measures nothing. */
  static Metrics none() {
    return NoMetrics.INSTANCE;
  }
}
