package io.tenantkit.spi;

import io.tenantkit.tenant.Environment;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * That somebody was in a place from one time to another, or still is. Immutable; times have
 * microseconds.
 *
 * @param who who and where
 * @param joinedAt since when
 * @param leftAt until when, never before {@code joinedAt}; empty while it lasts
 * @param closing how the end is known; empty while it lasts
 * @param seenAt when it was last known to last
 * @param checkAt when to look whether it still lasts
 * @param summed what of it is in the sums of days; empty when nothing is
 * @param settled whether the sums of days have it as it is
 * @param version one more for each change
 */
public record Presence(
    Who who,
    Instant joinedAt,
    Optional<Instant> leftAt,
    Optional<Closing> closing,
    Instant seenAt,
    Instant checkAt,
    Optional<Summed> summed,
    boolean settled,
    long version) {
  /** The longest id of a place or a presence, in characters. */
  public static final int MAX_ID = 64;

  /** The longest name of a place or a subject, in characters. */
  public static final int MAX_NAME = 256;

  /** The longest kind, in characters. */
  public static final int MAX_KIND = 32;

  /** How the end of a presence is known. */
  public enum Closing {
    /** Its own end was told. */
    LEFT,
    /** The end of the place was told. */
    ENDED,
    /** It was not there any more when somebody looked; it ends when it was last seen. */
    MISSED
  }

  /**
   * A place.
   *
   * @param environment in which environment
   * @param id the sender's id of it, 1 to {@value Presence#MAX_ID} characters
   * @param name its name, at most {@value Presence#MAX_NAME} characters
   */
  public record Place(Environment environment, String id, String name) {
    public Place {
      Objects.requireNonNull(environment, "environment");
      Texts.require("place", id, MAX_ID);
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * Somebody in a place.
   *
   * @param place where
   * @param id the sender's id of this presence, 1 to {@value Presence#MAX_ID} characters
   * @param subject who it is, at most {@value Presence#MAX_NAME} characters
   * @param kind what sort of subject, 1 to {@value Presence#MAX_KIND} characters
   */
  public record Who(Place place, String id, String subject, String kind) {
    public Who {
      Objects.requireNonNull(place, "place");
      Texts.require("presence", id, MAX_ID);
      Objects.requireNonNull(subject, "subject");
      Texts.require("kind", kind, MAX_KIND);
    }
  }

  /**
   * What is in the sums of days.
   *
   * @param from since when
   * @param until until when
   * @param corrected whether as one whose end was not told
   */
  public record Summed(Instant from, Instant until, boolean corrected) {
    public Summed {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(until, "until");
    }
  }

  public Presence {
    Objects.requireNonNull(who, "who");
    joinedAt = joinedAt.truncatedTo(ChronoUnit.MICROS);
    Instant earliest = joinedAt;
    leftAt = leftAt.map(at -> at.isBefore(earliest) ? earliest : at.truncatedTo(ChronoUnit.MICROS));
    Objects.requireNonNull(closing, "closing");
    seenAt = seenAt.truncatedTo(ChronoUnit.MICROS);
    checkAt = checkAt.truncatedTo(ChronoUnit.MICROS);
    Objects.requireNonNull(summed, "summed");
  }

  /** Whether its end was not told and had to be found out. */
  public boolean corrected() {
    return closing.isPresent() && closing.get() != Closing.LEFT;
  }

  /**
   * The presence after a change that is about it.
   *
   * @param before null when it is not known
   * @return of the same version when nothing changes; null when it stays unknown
   */
  public static @Nullable Presence after(
      @Nullable Presence before, PresenceChange change, Instant checkAt) {
    if (change instanceof PresenceChange.Joined joined) {
      return before == null
          ? open(joined.who(), joined.joinedAt(), checkAt)
          : before.since(joined.joinedAt());
    }
    if (change instanceof PresenceChange.Left left) {
      if (before != null) {
        Presence known = left.joinedAt().map(before::since).orElse(before);
        return known.closed(Closing.LEFT, left.leftAt());
      }
      return left.joinedAt()
          .map(at -> open(left.who(), at, checkAt).closed(Closing.LEFT, left.leftAt()))
          .orElse(null);
    }
    if (change instanceof PresenceChange.Seen seen) {
      return before == null ? null : before.seen(seen.at(), checkAt);
    }
    return before == null
        ? null
        : before.closed(Closing.ENDED, ((PresenceChange.Ended) change).at());
  }

  private static Presence open(Who who, Instant joinedAt, Instant checkAt) {
    return new Presence(
        who,
        joinedAt,
        Optional.empty(),
        Optional.empty(),
        joinedAt,
        checkAt,
        Optional.empty(),
        false,
        1);
  }

  private Presence since(Instant joined) {
    return joined.truncatedTo(ChronoUnit.MICROS).isBefore(joinedAt)
        ? with(joined, leftAt, closing, seenAt, checkAt)
        : this;
  }

  /** Seen at this time, and to be looked for at another. */
  public Presence seen(Instant at, Instant nextCheckAt) {
    Instant cut = at.truncatedTo(ChronoUnit.MICROS);
    if (leftAt.isPresent() || !cut.isAfter(seenAt)) {
      return this;
    }
    return new Presence(
        who, joinedAt, leftAt, closing, cut, nextCheckAt, summed, settled, version + 1);
  }

  /** Over since it was last seen, because it is not there any more. */
  public Presence missed() {
    return closed(Closing.MISSED, seenAt);
  }

  /** What was told of its own end counts more than what was found out; else the first stays. */
  private Presence closed(Closing how, Instant at) {
    if (closing.isPresent()) {
      boolean later = !at.truncatedTo(ChronoUnit.MICROS).isBefore(leftAt.orElseThrow());
      if (how != Closing.LEFT || (closing.get() == Closing.LEFT && later)) {
        return this;
      }
    }
    Presence closed = with(joinedAt, Optional.of(at), Optional.of(how), seenAt, checkAt);
    return closed.leftAt.equals(leftAt) && closing.equals(closed.closing) ? this : closed;
  }

  private Presence with(
      Instant joined,
      Optional<Instant> left,
      Optional<Closing> how,
      Instant seen,
      Instant nextCheckAt) {
    return new Presence(who, joined, left, how, seen, nextCheckAt, summed, false, version + 1);
  }

  /** The same with the sums of days holding it as it is; only of one that is over. */
  public Presence sum() {
    return new Presence(
        who,
        joinedAt,
        leftAt,
        closing,
        seenAt,
        checkAt,
        Optional.of(new Summed(joinedAt, leftAt.orElseThrow(), corrected())),
        true,
        version + 1);
  }
}
