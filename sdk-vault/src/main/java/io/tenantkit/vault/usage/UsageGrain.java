package io.tenantkit.vault.usage;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** How wide the span of time is that a stored sum is of. */
public enum UsageGrain {
  /** An hour of UTC. */
  HOUR,
  /** A day of UTC. */
  DAY,
  /** All of it; its span begins at 1970. */
  EVER;

  /** The beginning of the span that a time falls into. */
  public Instant start(Instant at) {
    return switch (this) {
      case HOUR -> at.truncatedTo(ChronoUnit.HOURS);
      case DAY -> at.truncatedTo(ChronoUnit.DAYS);
      case EVER -> Instant.EPOCH;
    };
  }
}
