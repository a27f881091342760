package io.tenantkit.vault;

import io.tenantkit.ConflictException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which versions of a secret stand at which stage.
 *
 * @param newest the number that was given out last, from 1; no number is given twice
 * @param current the version in force, 0 while there is none because only a pending one was put
 * @param pending the version that waits to be promoted
 * @param previous the version that was current before, until the overlap is ended
 */
public record SecretStages(long newest, long current, OptionalLong pending, OptionalLong previous) {
  public SecretStages {
    Objects.requireNonNull(pending, "pending");
    Objects.requireNonNull(previous, "previous");
  }

  /** Before the first version. */
  static SecretStages none() {
    return new SecretStages(0, 0, OptionalLong.empty(), OptionalLong.empty());
  }

  /** The version at a stage. */
  public OptionalLong at(Stage stage) {
    return switch (stage) {
      case PENDING -> pending;
      case CURRENT -> current > 0 ? OptionalLong.of(current) : OptionalLong.empty();
      case PREVIOUS -> previous;
    };
  }

  /** The stage of a version. */
  public Optional<Stage> of(long number) {
    for (Stage stage : Stage.values()) {
      OptionalLong at = at(stage);
      if (at.isPresent() && at.getAsLong() == number) {
        return Optional.of(stage);
      }
    }
    return Optional.empty();
  }

  /** After a put: the next number is current, or pending; a pending one before it has no stage. */
  SecretStages withNext(boolean isPending) {
    long next = newest + 1;
    return isPending
        ? new SecretStages(next, current, OptionalLong.of(next), previous)
        : new SecretStages(next, next, pending, replaced());
  }

  /** The pending version is current, and what was current is previous. */
  SecretStages promoted(long number) {
    if (pending.isEmpty() || pending.getAsLong() != number) {
      throw new ConflictException("the version is not the pending one");
    }
    return new SecretStages(newest, number, OptionalLong.empty(), replaced());
  }

  /** Current and previous have changed places. */
  SecretStages rolledBack() {
    if (previous.isEmpty()) {
      throw new ConflictException("there is no previous version");
    }
    return new SecretStages(newest, previous.getAsLong(), pending, OptionalLong.of(current));
  }

  /** Nothing is previous any more. */
  SecretStages retired() {
    if (previous.isEmpty()) {
      throw new ConflictException("there is no previous version");
    }
    return new SecretStages(newest, current, pending, OptionalLong.empty());
  }

  /** Without a version that is destroyed; the current one stays where it is. */
  SecretStages without(long number) {
    return new SecretStages(newest, current, unless(pending, number), unless(previous, number));
  }

  private static OptionalLong unless(OptionalLong at, long number) {
    return at.isPresent() && at.getAsLong() == number ? OptionalLong.empty() : at;
  }

  private OptionalLong replaced() {
    return current > 0 ? OptionalLong.of(current) : previous;
  }
}
