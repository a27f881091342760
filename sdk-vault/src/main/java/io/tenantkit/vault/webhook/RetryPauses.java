package io.tenantkit.vault.webhook;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The pause after each failure: four times the one before, up to the longest, give or take a fifth
 * so that receivers that fell together are not met together. Safe for use by several threads as far
 * as its generator is.
 */
final class RetryPauses {
  private static final int FACTOR = 4;
  private static final double SPREAD = 0.2;

  private final Duration first;
  private final Duration longest;
  private final RandomGenerator random;

  RetryPauses(Duration first, Duration longest, RandomGenerator random) {
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  /**
   * @param attempts how many failed, 1 or more
   */
  Duration after(int attempts) {
    long millis = first.toMillis();
    for (int i = 1; i < attempts && millis < longest.toMillis(); i++) {
      millis *= FACTOR;
    }
    millis = Math.min(millis, longest.toMillis());
    double spread = 1 + SPREAD * (2 * random.nextDouble() - 1);
    return Duration.ofMillis(Math.max(1, Math.round(millis * spread)));
  }
}
