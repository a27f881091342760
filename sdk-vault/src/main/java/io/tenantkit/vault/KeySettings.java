package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Optional;

/**
 * When organizations' keys are rotated by themselves, and where erasures are kept beside the
 * database. Immutable.
 *
 * @param maxEncryptions after how many encryptions under one key the next is made, from {@value
 *     #LEAST_ENCRYPTIONS} to {@value #MOST_ENCRYPTIONS}
 * @param maxAge at what age of the newest key the next is made, from a day to a hundred years
 * @param erasureList where erasures are kept as well; without one they are in the database only,
 *     and a backup of it revives what was erased after it was taken
 */
public record KeySettings(long maxEncryptions, Duration maxAge, Optional<ErasureList> erasureList) {
  /** The smallest bound that may be set. */
  public static final long LEAST_ENCRYPTIONS = 1_000_000;

  /**
   * The bound unless another is set, a tenth below the 2^32 encryptions with random nonces that
   * NIST SP 800-38D allows a key.
   */
  public static final long MOST_ENCRYPTIONS = 3_865_470_566L;

  /** The age unless another is set. */
  public static final Duration DEFAULT_AGE = Duration.ofDays(365);

  private static final Duration LEAST_AGE = Duration.ofDays(1);
  private static final Duration MOST_AGE = Duration.ofDays(36_500);

  public KeySettings {
    if (maxEncryptions < LEAST_ENCRYPTIONS || maxEncryptions > MOST_ENCRYPTIONS) {
      throw new InvalidInputException(
          "max encryptions", LEAST_ENCRYPTIONS + " to " + MOST_ENCRYPTIONS);
    }
    if (maxAge.compareTo(LEAST_AGE) < 0 || maxAge.compareTo(MOST_AGE) > 0) {
      throw new InvalidInputException("max age", "1 to 36500 days");
    }
  }

  /** A year, the greatest number of encryptions, and no list beside the database. */
  public static KeySettings defaults() {
    return new KeySettings(MOST_ENCRYPTIONS, DEFAULT_AGE, Optional.empty());
  }

  /** The same with another bound. */
  public KeySettings withMaxEncryptions(long encryptions) {
    return new KeySettings(encryptions, maxAge, erasureList);
  }

  /** The same with another age. */
  public KeySettings withMaxAge(Duration age) {
    return new KeySettings(maxEncryptions, age, erasureList);
  }

  /** The same with a list beside the database. */
  public KeySettings withErasureList(ErasureList list) {
    return new KeySettings(maxEncryptions, maxAge, Optional.of(list));
  }
}
