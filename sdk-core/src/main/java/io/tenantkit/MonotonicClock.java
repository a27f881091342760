package io.tenantkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The host's clock, kept from going back within the process: a clock that is set back must revive
 * no expired key. While it is behind, time goes on by the processor's steady counter from the
 * latest time seen, so bounds still end.
 */
final class MonotonicClock extends Clock {
  private final Clock clock;
  private final AtomicLong latestMillis = new AtomicLong(Long.MIN_VALUE);
  private final AtomicLong latestSeenNanos = new AtomicLong();

  MonotonicClock(Clock clock) {
    this.clock = clock;
  }

  @Override
  public long millis() {
    return forward(clock.millis());
  }

  @Override
  public Instant instant() {
    Instant now = clock.instant();
    long millis = now.toEpochMilli();
    long forward = forward(millis);
    return forward == millis ? now : Instant.ofEpochMilli(forward);
  }

  private long forward(long millis) {
    long latest = latestMillis.get();
    if (millis == latest) {
      return millis;
    }
    if (millis > latest) {
      if (latestMillis.compareAndSet(latest, millis)) {
        latestSeenNanos.set(System.nanoTime());
      }
      return millis;
    }
    return latest
        + Math.max(0, Duration.ofNanos(System.nanoTime() - latestSeenNanos.get()).toMillis());
  }

  @Override
  public ZoneId getZone() {
    return clock.getZone();
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return new MonotonicClock(clock.withZone(zone));
  }
}
