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
 * @param address from this address only, in the sense of {@link By#ADDRESS} by hour, else of each
 *     day's last
 */
public record UsageQuery(
    By by,
    Instant from,
    Instant until,
    Optional<SecretId> secret,
    Optional<Actor> actor,
    Optional<String> address) {

  /** What makes a line. */
  public enum By {
    /** Each secret. */
    SECRET,
    /** Each actor. */
    ACTOR,
    /** Each tool. */
    TOOL,
    /**
     * Each address, as long as hours are kept. Of each hour's uses by one actor of one secret
     * through one tool the address of the last is known, and all of them count as from there; they
     * are those of no address, the empty text, when none was named.
     */
    ADDRESS,
    /** Each day. */
    DAY,
    /** Each hour, as long as hours are kept. */
    HOUR;

    /** Which sums answer it. */
    public UsageGrain grain() {
      return this == HOUR || this == ADDRESS ? UsageGrain.HOUR : UsageGrain.DAY;
    }
  }

  public UsageQuery {
    Objects.requireNonNull(by, "by");
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(actor, "actor");
    address.ifPresent(
        text -> {
          if (text.length() > 64 || !UseSubject.isPrintable(text)) {
            throw new InvalidInputException("address", "at most 64 printable ASCII characters");
          }
        });
    if (!from.isBefore(until)) {
      throw new InvalidInputException("until", "later than from");
    }
  }

  /** All uses within a time. */
  public static UsageQuery by(By by, Instant from, Instant until) {
    return new UsageQuery(by, from, until, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Of one secret only. */
  public UsageQuery of(SecretId id) {
    return new UsageQuery(by, from, until, Optional.of(id), actor, address);
  }

  /** Of one actor only. */
  public UsageQuery of(Actor one) {
    return new UsageQuery(by, from, until, secret, Optional.of(one), address);
  }

  /** From one address only; the empty text for those that named none. */
  public UsageQuery fromAddress(String one) {
    return new UsageQuery(by, from, until, secret, actor, Optional.of(one));
  }

  /** The beginning of the first span. */
  public Instant firstSpan() {
    return by.grain().start(from);
  }
}
