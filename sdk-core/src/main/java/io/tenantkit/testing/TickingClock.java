package io.tenantkit.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until a test moves it. Safe for use by several threads. */
public final class TickingClock extends Clock {
  private final AtomicReference<Instant> now;

  private TickingClock(Instant start) {
    this.now = new AtomicReference<>(start);
  }

  /** A clock that shows this time. */
  public static TickingClock at(Instant start) {
    return new TickingClock(start);
  }

  /** Moves the clock; a negative duration sets it back. */
  public void tick(Duration duration) {
    now.updateAndGet(before -> before.plus(duration));
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  /** This same clock: instants have no zone. */
  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
