package io.tenantkit.examples.quickstart;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tenantkit.metric.Metrics;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Binds the measurements of a control plane to Micrometer. */
record MicrometerMetrics(MeterRegistry registry) implements Metrics {
  @Override
  public Counter counter(String name, String... tags) {
    return registry.counter(name, tags)::increment;
  }

  @Override
  public Timer timer(String name, String... tags) {
    io.micrometer.core.instrument.Timer timer = registry.timer(name, tags);
    return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void gauge(String name, LongSupplier value, String... tags) {
    Gauge.builder(name, value::getAsLong).tags(tags).register(registry);
  }
}
