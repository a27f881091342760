package io.tenantkit.ratelimit;

import java.time.Duration;
import java.util.Objects;

/**
 * Where a limit stands after a decision.
 *
 * @param name the limit's
 * @param owner whose it is
 * @param limit calls in a window
 * @param window how long
 * @param remaining calls that would be admitted now
 * @param retryAfter when the same call would be admitted; zero when it was
 * @param resetAfter when all of it is there again
 */
public record LimitStatus(
    String name,
    Owner owner,
    long limit,
    Duration window,
    long remaining,
    Duration retryAfter,
    Duration resetAfter) {
  /** Whose limit it is. */
  public enum Owner {
    /** A key's, shared by its family of rotations. */
    KEY,
    /** The organization's, shared by all its keys. */
    ORGANIZATION
  }

  public LimitStatus {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(owner, "owner");
  }
}
