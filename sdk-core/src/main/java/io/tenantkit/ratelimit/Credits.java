package io.tenantkit.ratelimit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A budget that each call takes its cost from. It is counted in the database, exactly and, unlike
 * rate limits, durably: what was taken stays taken when the server crashes, at the price of one
 * round trip and one flush to disk for each call. While the storage fails, calls are refused.
 *
 * @param amount the budget, 1 to 10^15
 * @param refill what comes back in steps, never above the budget; without it the budget is spent
 *     once
 */
public record Credits(long amount, Optional<Refill> refill) {
  /** The greatest budget. */
  public static final long MAX_AMOUNT = 1_000_000_000_000_000L;

  private static final Duration MAX_EVERY = Duration.ofDays(3_660);

  public Credits {
    Objects.requireNonNull(refill, "refill");
    requireAmount("amount", amount);
  }

  /**
   * What comes back.
   *
   * @param amount at each step, 1 to 10^15
   * @param every the time between steps, counted from the first use; 1 second to 3,660 days
   */
  public record Refill(long amount, Duration every) {
    public Refill {
      requireAmount("refill.amount", amount);
      if (every.compareTo(Duration.ofSeconds(1)) < 0 || every.compareTo(MAX_EVERY) > 0) {
        throw new InvalidInputException("refill.every", "1 second to 3,660 days");
      }
    }
  }

  /** A budget that is spent once. */
  public static Credits of(long amount) {
    return new Credits(amount, Optional.empty());
  }

  /** The same budget with something coming back. */
  public Credits refilled(long by, Duration every) {
    return new Credits(amount, Optional.of(new Refill(by, every)));
  }

  private static void requireAmount(String property, long amount) {
    if (amount < 1 || amount > MAX_AMOUNT) {
      throw new InvalidInputException(property, "1 to 1,000,000,000,000,000");
    }
  }
}
