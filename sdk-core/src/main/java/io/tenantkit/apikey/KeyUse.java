package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How much a key was used, as far as it was written: usage is written in batches, so up to a minute
 * may be missing.
 *
 * @param count how often it was accepted
 * @param lastAt when last, if ever
 */
public record KeyUse(long count, Optional<Instant> lastAt) {
  private static final KeyUse NEVER = new KeyUse(0, Optional.empty());

  public KeyUse {
    Objects.requireNonNull(lastAt, "lastAt");
    if (count < 0) {
      throw new InvalidInputException("count", "zero or more");
    }
  }

  /** Not yet. */
  public static KeyUse never() {
    return NEVER;
  }
}
