package io.tenantkit;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The host's clock, kept from going back within the process: a clock that is set back must revive
 * no expired key. While it is behind, time goes on by the processor's steady counter from the
 * latest time shown, so bounds still end. Safe for use by several threads; never blocks.
 */
final class MonotonicClock extends Clock {
  /** A time that was shown, and the steady counter then; both change together. */
  private record Shown(Instant at, long millis, long nanos) {
    static Shown of(Instant at, long nanos) {
      return new Shown(at, at.toEpochMilli(), nanos);
    }
  }

  private final Clock clock;
  private final AtomicReference<Shown> latest;

  MonotonicClock(Clock clock) {
    this.clock = clock;
    this.latest = new AtomicReference<>(Shown.of(clock.instant(), System.nanoTime()));
  }

  @Override
  public long millis() {
    long millis = clock.millis();
    return millis == latest.get().millis() ? millis : show(Instant.ofEpochMilli(millis)).millis();
  }

  @Override
  public Instant instant() {
    return show(clock.instant()).at();
  }

  /** What is shown becomes the latest, also while the clock is behind: it is never taken back. */
  private Shown show(Instant now) {
    while (true) {
      Shown last = latest.get();
      if (now.equals(last.at())) {
        return last;
      }
      long nanos = System.nanoTime();
      Instant next =
          now.isAfter(last.at()) ? now : last.at().plusNanos(Math.max(0, nanos - last.nanos()));
      Shown shown = Shown.of(next, nanos);
      if (latest.compareAndSet(last, shown)) {
        return shown;
      }
    }
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
