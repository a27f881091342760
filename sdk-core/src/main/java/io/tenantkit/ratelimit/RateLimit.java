package io.tenantkit.ratelimit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * So many calls in so much time.
 *
 * @param name unique in its list
 * @param limit calls in a window
 * @param window how long
 * @param burst calls at once
 * @param mode over which processes it counts
 * @param onFailure what a failing storage means
 */
public record RateLimit(
    String name, long limit, Duration window, long burst, Mode mode, OnFailure onFailure) {
  /** Over which processes it counts. */
  public enum Mode {
    /** In each process by itself. */
    LOCAL,
    /** Over all, exactly. */
    SHARED,
    /** Over all, by slices taken ahead. */
    LEASED
  }

  /** What a failing storage means. */
  public enum OnFailure {
    /** Admit. */
    OPEN,
    /** Refuse. */
    CLOSED
  }

  private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,64}");

  public RateLimit {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(onFailure, "onFailure");
    if (!NAME.matcher(name).matches()) {
      throw new InvalidInputException("limit name", "1 to 64 of a-z, 0-9, _ and -");
    }
    if (limit < 1 || burst < 1 || window.isNegative() || window.isZero()) {
      throw new InvalidInputException("limit", "at least 1 in a window of more than zero");
    }
  }

  /** A local limit. */
  public static RateLimit of(String name, long limit, Duration window) {
    return new RateLimit(name, limit, window, limit, Mode.LOCAL, OnFailure.CLOSED);
  }
}
