package io.tenantkit.vault.rotation;

import io.tenantkit.vault.Secret;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The rotation of a secret as it may be shown: names, numbers and times, never a value. Immutable;
 * times have microsecond precision.
 *
 * @param secret which
 * @param policy when it is rotated
 * @param dueAt when it is due next; empty when it was to be rotated once and was
 * @param step how far a rotation that is under way has come
 * @param lastRotatedAt when the current version came into force by a rotation or a put that was
 *     seen; empty before that
 * @param retireAt when the overlap ends; empty when there is none
 * @param failure why the last attempt failed, {@code step: code}; empty when it did not
 * @param attempts how many attempts there were within a day since the last success
 * @param nextAttemptAt when it is tried again after a failure
 */
public record SecretRotation(
    Secret secret,
    RotationPolicy policy,
    Optional<Instant> dueAt,
    RotationStep step,
    Optional<Instant> lastRotatedAt,
    Optional<Instant> retireAt,
    Optional<String> failure,
    int attempts,
    Optional<Instant> nextAttemptAt) {

  /** What a rotation comes down to. */
  public enum State {
    /** It waits until it is due. */
    SCHEDULED,
    /** It is due: somebody has to put a new value, or due work has not come to it yet. */
    DUE,
    /** A new value is being created, tested or promoted. */
    ROTATING,
    /** The new value is in force, and the one before is still valid. */
    OVERLAPPING,
    /** The last attempt failed; the secret is as it was. */
    FAILED,
    /** It was to be rotated once, and was. */
    DONE
  }

  public SecretRotation {
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(step, "step");
  }

  /** What it comes down to at a time. */
  public State stateAt(Instant now) {
    if (failure.isPresent()) {
      return State.FAILED;
    }
    return switch (step) {
      case CREATING, CREATED, TESTED, UNDOING -> State.ROTATING;
      case PROMOTED -> State.OVERLAPPING;
      case IDLE -> isDueAt(now) ? State.DUE : dueAt.isPresent() ? State.SCHEDULED : State.DONE;
    };
  }

  /** Whether it is due at a time. */
  public boolean isDueAt(Instant now) {
    return dueAt.isPresent() && !dueAt.get().isAfter(now);
  }
}
