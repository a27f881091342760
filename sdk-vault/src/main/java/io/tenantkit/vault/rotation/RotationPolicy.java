package io.tenantkit.vault.rotation;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;

/**
 * When a secret is rotated. Immutable.
 *
 * @param every how long a value is in force; empty when it is rotated once, at a time. Whole
 *     seconds, {@link #SHORTEST} to {@link #LONGEST}
 * @param at when it is rotated; empty when it is rotated again and again
 * @param notice how long before it is due that is told; zero to {@code every}, whole seconds
 * @param overlap how long the value before stays valid beside the new one; zero to {@code every},
 *     whole seconds
 */
public record RotationPolicy(
    Optional<Duration> every, Optional<Instant> at, Duration notice, Duration overlap) {

  /** The shortest time between two rotations. */
  public static final Duration SHORTEST = Duration.ofHours(1);

  /** The longest time between two rotations, and the longest notice and overlap. */
  public static final Duration LONGEST = Duration.ofDays(3_650);

  private static final Duration NOTICE = Duration.ofDays(7);
  private static final Duration OVERLAP = Duration.ofDays(1);

  public RotationPolicy {
    Objects.requireNonNull(at, "at");
    if (every.isPresent() == at.isPresent()) {
      throw new InvalidInputException("policy", "either a length of time or a time");
    }
    Duration longest = every.orElse(LONGEST);
    requireWithin("every", longest, SHORTEST, LONGEST);
    requireWithin("notice", notice, Duration.ZERO, longest);
    requireWithin("overlap", overlap, Duration.ZERO, longest);
  }

  /**
   * Again and again, with a notice of 7 days and an overlap of one day, or half of the length when
   * that is less.
   */
  public static RotationPolicy every(Duration length) {
    requireWithin("every", length, SHORTEST, LONGEST);
    Duration half = Duration.ofSeconds(length.toSeconds() / 2);
    return new RotationPolicy(
        Optional.of(length), Optional.empty(), least(NOTICE, half), least(OVERLAP, half));
  }

  /** As {@link #every(Duration)}, in days of 24 hours. */
  public static RotationPolicy everyDays(int days) {
    return every(Duration.ofDays(days));
  }

  /** Once, with a notice of 7 days and an overlap of one day. */
  public static RotationPolicy at(Instant time) {
    return new RotationPolicy(Optional.empty(), Optional.of(time), NOTICE, OVERLAP);
  }

  /** With another notice. */
  public RotationPolicy withNotice(Duration newNotice) {
    return new RotationPolicy(every, at, newNotice, overlap);
  }

  /** With another overlap. */
  public RotationPolicy withOverlap(Duration newOverlap) {
    return new RotationPolicy(every, at, notice, newOverlap);
  }

  /** When the next rotation is due after a value came into force; empty when there is none. */
  Optional<Instant> dueAfter(Instant inForce) {
    return every.map(inForce::plus);
  }

  /** For people. */
  String text() {
    return every
        .map(length -> "to be rotated every " + inWords(length))
        .orElseGet(() -> "to be rotated at " + at.orElseThrow());
  }

  private static String inWords(Duration length) {
    return length.toSeconds() % 86_400 == 0
        ? length.toDays() + " days"
        : length.toSeconds() + " seconds";
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private static void requireWithin(String name, Duration length, Duration from, Duration to) {
    if (length.compareTo(from) < 0
        || length.compareTo(to) > 0
        || !length.equals(length.truncatedTo(ChronoUnit.SECONDS))) {
      throw new InvalidInputException(
          name, "whole seconds, " + from.toSeconds() + " to " + to.toSeconds());
    }
  }
}
