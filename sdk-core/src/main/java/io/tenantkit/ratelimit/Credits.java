package io.tenantkit.ratelimit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Optional;

/**
 * A budget.
 *
 * @param amount the budget
 * @param refill what comes back
 */
public record Credits(long amount, Optional<Refill> refill) {
  /**
   * What comes back.
   *
   * @param amount so many
   * @param every so often
   */
  public record Refill(long amount, Duration every) {}

  public Credits {
    if (amount < 1) {
      throw new InvalidInputException("credits", "at least 1");
    }
  }
}
