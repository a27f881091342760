package io.tenantkit.audit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Optional;

/**
 * How a control plane keeps its audit trail. Immutable.
 *
 * @param checkpointInterval how often heads that moved are signed: one second to one day
 * @param retention how long events are kept, at least one day; empty for ever
 */
public record AuditSettings(Duration checkpointInterval, Optional<Duration> retention) {
  // First, for the default is held to it.
  private static final Duration DAY = Duration.ofDays(1);

  /** Heads signed every five minutes, events kept for ever. */
  public static final AuditSettings DEFAULT =
      new AuditSettings(Duration.ofMinutes(5), Optional.empty());

  public AuditSettings {
    if (checkpointInterval.compareTo(Duration.ofSeconds(1)) < 0
        || checkpointInterval.compareTo(DAY) > 0) {
      throw new InvalidInputException("checkpointInterval", "1 second to 1 day");
    }
    if (retention.isPresent() && retention.get().compareTo(DAY) < 0) {
      throw new InvalidInputException("retention", "at least 1 day");
    }
  }

  /** The same with another interval. */
  public AuditSettings withCheckpointInterval(Duration wanted) {
    return new AuditSettings(wanted, retention);
  }

  /** The same, with events removed once they are this old. */
  public AuditSettings withRetention(Duration wanted) {
    return new AuditSettings(checkpointInterval, Optional.of(wanted));
  }
}
