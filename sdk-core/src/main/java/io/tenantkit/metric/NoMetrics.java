package io.tenantkit.metric;

import java.util.function.LongSupplier;

/** For hosts that measure nothing. */
enum NoMetrics implements Metrics {
  INSTANCE;

  @Override
  public Counter counter(String name, String... tags) {
    return amount -> {};
  }

  @Override
  public Timer timer(String name, String... tags) {
    return nanos -> {};
  }

  @Override
  public void gauge(String name, LongSupplier value, String... tags) {}
}
