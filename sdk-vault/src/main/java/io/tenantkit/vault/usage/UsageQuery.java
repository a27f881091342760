package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Actor;
import io.tenantkit.vault.SecretId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Which uses are asked for, and what is summed. Immutable.
 *
 * @param by what makes a line
 * @param from the first moment; by hour from the beginning of its hour, else of its day, in UTC
 * @param until the moment after the last, later than {@code from}; the span it falls into counts
 * @param secret of this secret only
 * @param actor of this actor only
 */
public record UsageQuery(
    By by, Instant from, Instant until, Optional<SecretId> secret, Optional<Actor> actor) {

  /** What makes a line. */
  public enum By {
    /** Each secret. */
    SECRET,
    /** Each actor. */
    ACTOR,
    /** Each tool. */
    TOOL,
    /** Each day. */
    DAY,
    /** Each hour, as long as hours are kept. */
    HOUR;

    /** Which sums answer it. */
    public UsageGrain grain() {
      return this == HOUR ? UsageGrain.HOUR : UsageGrain.DAY;
    }
  }

  public UsageQuery {
    Objects.requireNonNull(by, "by");
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(actor, "actor");
    if (!from.isBefore(until)) {
      throw new InvalidInputException("until", "later than from");
    }
  }

  /** All uses within a time. */
  public static UsageQuery by(By by, Instant from, Instant until) {
    return new UsageQuery(by, from, until, Optional.empty(), Optional.empty());
  }

  /** Of one secret only. */
  public UsageQuery of(SecretId id) {
    return new UsageQuery(by, from, until, Optional.of(id), actor);
  }

  /** Of one actor only. */
  public UsageQuery of(Actor one) {
    return new UsageQuery(by, from, until, secret, Optional.of(one));
  }

  /** The beginning of the first span. */
  public Instant firstSpan() {
    return by.grain().start(from);
  }
}
