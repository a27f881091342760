package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;

/**
 * From where on use is unusual. All are at least 1.
 *
 * @param learningDays how long a secret must have been in use before a new actor or tool is news
 * @param burstFloor fewer uses in an hour are never a burst
 * @param burstFactor so many times the usual of that hour of the day is a burst
 * @param habitUses how many uses, in four weeks, make a habit of an actor
 * @param habitDays on how many days
 * @param denials so many refused attempts of one actor within an hour and the one before it
 * @param dormantDays so many days without use make a secret dormant
 */
public record AnomalyThresholds(
    int learningDays,
    int burstFloor,
    int burstFactor,
    int habitUses,
    int habitDays,
    int denials,
    int dormantDays) {
  private static final AnomalyThresholds DEFAULTS = new AnomalyThresholds(7, 50, 3, 40, 10, 10, 90);

  public AnomalyThresholds {
    requirePositive("learningDays", learningDays);
    requirePositive("burstFloor", burstFloor);
    requirePositive("burstFactor", burstFactor);
    requirePositive("habitUses", habitUses);
    requirePositive("habitDays", habitDays);
    requirePositive("denials", denials);
    requirePositive("dormantDays", dormantDays);
  }

  private static void requirePositive(String property, int value) {
    if (value < 1) {
      throw new InvalidInputException(property, "at least 1");
    }
  }

  /** 7 days, 50 uses and 3 times, 40 uses on 10 days, 10 denials, 90 days. */
  public static AnomalyThresholds defaults() {
    return DEFAULTS;
  }
}
