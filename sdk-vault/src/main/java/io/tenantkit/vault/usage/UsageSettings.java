package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Objects;

/**
 * How long use is kept and what is unusual.
 *
 * @param hours how long sums by hour are kept: 1 to 400 days. The rules look back {@value
 *     AnomalyRules#WINDOW_DAYS} days, and see less when less is kept
 * @param days how long sums by day, cost and findings are kept: 1 to 4,000 days and no less than
 *     the hours; when a secret was first used by whom is known three times as long
 * @param thresholds from where on use is unusual
 */
public record UsageSettings(Duration hours, Duration days, AnomalyThresholds thresholds) {
  private static final UsageSettings DEFAULTS =
      new UsageSettings(Duration.ofDays(35), Duration.ofDays(400), AnomalyThresholds.defaults());

  public UsageSettings {
    Objects.requireNonNull(thresholds, "thresholds");
    requireDays("hours", hours, 400);
    requireDays("days", days, 4_000);
    if (days.compareTo(hours) < 0) {
      throw new InvalidInputException("days", "no less than the hours");
    }
  }

  private static void requireDays(String property, Duration value, int most) {
    if (value.compareTo(Duration.ofDays(1)) < 0 || value.compareTo(Duration.ofDays(most)) > 0) {
      throw new InvalidInputException(property, "1 to " + most + " days");
    }
  }

  /** 35 days by hour and 400 by day. */
  public static UsageSettings defaults() {
    return DEFAULTS;
  }

  /** The same with other retention. */
  public UsageSettings keeping(Duration newHours, Duration newDays) {
    return new UsageSettings(newHours, newDays, thresholds);
  }

  /** The same with other thresholds. */
  public UsageSettings with(AnomalyThresholds other) {
    return new UsageSettings(hours, days, other);
  }

  /** How long it is known who used a secret first. */
  Duration ever() {
    return days.multipliedBy(3);
  }
}
