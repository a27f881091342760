package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;

/**
 * What a call with a secret consumed, as its host knows it.
 *
 * @param unit what is counted, 1 to 64 characters of {@code a-z 0-9 . _ -}
 * @param amount how many, 0 to 10^12
 * @param costMicros what they cost in millionths of the currency, 0 to 10^12
 * @param currency three capital letters; empty when the cost is 0 and nobody asks
 */
public record ReportedUnits(String unit, long amount, long costMicros, String currency) {
  /** The most of one report. */
  public static final long MOST = 1_000_000_000_000L;

  public ReportedUnits {
    if (!unit.matches("[a-z0-9._-]{1,64}")) {
      throw new InvalidInputException("unit", "1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
    }
    requireBounded("amount", amount);
    requireBounded("costMicros", costMicros);
    if (!currency.matches("[A-Z]{3}") && !(currency.isEmpty() && costMicros == 0)) {
      throw new InvalidInputException("currency", "three capital letters, unless there is no cost");
    }
  }

  private static void requireBounded(String property, long value) {
    if (value < 0 || value > MOST) {
      throw new InvalidInputException(property, "0 to 1,000,000,000,000");
    }
  }

  /** Units that cost nothing, or of which nobody knows what. */
  public static ReportedUnits of(String unit, long amount) {
    return new ReportedUnits(unit, amount, 0, "");
  }

  /** Units and what they cost. */
  public static ReportedUnits of(String unit, long amount, long costMicros, String currency) {
    return new ReportedUnits(unit, amount, costMicros, currency);
  }
}
