package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import java.time.Duration;

/**
 * How a key is replaced.
 *
 * @param grace how long the old key goes on working, zero to {@link #MAX_GRACE}; never past its own
 *     expiry
 */
public record Rotation(Duration grace) {
  /** The longest overlap of old and new. */
  public static final Duration MAX_GRACE = Duration.ofDays(30);

  public Rotation {
    if (grace.isNegative() || grace.compareTo(MAX_GRACE) > 0) {
      throw new InvalidInputException("grace", "zero to 30 days");
    }
  }

  /** The old key is refused from the moment the call returns. */
  public static Rotation immediate() {
    return new Rotation(Duration.ZERO);
  }

  /** The old key works on for this long. */
  public static Rotation withGrace(Duration grace) {
    return new Rotation(grace);
  }
}
