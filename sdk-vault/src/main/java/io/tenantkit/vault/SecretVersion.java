package io.tenantkit.vault;

import java.time.Instant;
import java.util.Optional;

/**
 * A version of a secret as it may be shown.
 *
 * @param number from 1
 * @param state whether its value can be had
 * @param stage its stage, if it has one
 * @param expiresAt when it expires, microsecond precision; empty when it does not
 * @param destination where its value may be sent
 * @param createdBy the actor that put it
 * @param createdAt when, microsecond precision
 */
public record SecretVersion(
    long number,
    State state,
    Optional<Stage> stage,
    Optional<Instant> expiresAt,
    Destination destination,
    String createdBy,
    Instant createdAt) {

  /** Whether the value of a version can be had. */
  public enum State {
    /** It can be opened, unless it has expired. */
    ACTIVE,
    /** Deleted: not opened until it is undeleted. */
    DELETED,
    /** Its ciphertexts are gone, for ever; the row only says that it was there. */
    DESTROYED
  }

  /** Whether it has expired at this time. */
  public boolean isExpiredAt(Instant now) {
    return Secret.isPast(expiresAt, now);
  }
}
