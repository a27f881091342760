package io.tenantkit.spi;

import io.tenantkit.tenant.Environment;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How much presence a day had, in UTC; or by how much that changes, so all figures may be negative.
 * Immutable.
 *
 * @param key which day of what
 * @param presences how many presences the day saw; one that spans midnight counts for both
 * @param millis how long they were on that day, together
 * @param minutes the same in minutes, each presence as a whole rounded up to full minutes, at least
 *     one, and counted for the day in which the minute begins
 * @param corrected how many of them had an end that was not told
 */
public record PresenceDay(Key key, long presences, long millis, long minutes, long corrected) {
  private static final long MINUTE = 60_000;

  /** A presence of more than these days is counted for its first ones only. */
  private static final int MOST_DAYS = 400;

  /**
   * Which sum it is.
   *
   * @param environment in which environment
   * @param day in UTC
   * @param kind of the subjects
   */
  public record Key(Environment environment, LocalDate day, String kind)
      implements Comparable<Key> {
    public Key {
      Objects.requireNonNull(environment, "environment");
      Objects.requireNonNull(day, "day");
      Objects.requireNonNull(kind, "kind");
    }

    @Override
    public int compareTo(Key other) {
      int order = environment.compareTo(other.environment);
      order = order != 0 ? order : day.compareTo(other.day);
      return order != 0 ? order : kind.compareTo(other.kind);
    }
  }

  public PresenceDay {
    Objects.requireNonNull(key, "key");
  }

  /** Both together; of the same key. */
  public PresenceDay plus(PresenceDay other) {
    return new PresenceDay(
        key,
        presences + other.presences,
        millis + other.millis,
        minutes + other.minutes,
        corrected + other.corrected);
  }

  private PresenceDay negated() {
    return new PresenceDay(key, -presences, -millis, -minutes, -corrected);
  }

  /**
   * By how much the sums of days have to change to hold a presence as it is.
   *
   * @param until up to when one counts that still lasts
   */
  public static List<PresenceDay> missing(Presence presence, Instant until) {
    List<PresenceDay> changes = new ArrayList<>();
    Optional<Presence.Summed> summed = presence.summed();
    summed.ifPresent(
        was ->
            of(presence.who(), was.from(), was.until(), was.corrected())
                .forEach(each -> changes.add(each.negated())));
    changes.addAll(
        of(
            presence.who(),
            presence.joinedAt(),
            presence.leftAt().orElse(until),
            presence.corrected()));
    return changes;
  }

  /** A span's days. The minutes of all are those of the whole span, rounded up once. */
  private static List<PresenceDay> of(
      Presence.Who who, Instant from, Instant until, boolean corrected) {
    List<PresenceDay> days = new ArrayList<>();
    LocalDate day = LocalDate.ofInstant(from, ZoneOffset.UTC);
    Instant begin = from;
    long counted = 0;
    for (int i = 0; i < MOST_DAYS && (i == 0 || begin.isBefore(until)); i++) {
      Instant midnight = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
      Instant end = until.isBefore(midnight) ? until : midnight;
      if (end.isBefore(begin)) {
        end = begin;
      }
      // To whole milliseconds of the span's start, so that the parts add up to the whole.
      long before = Duration.between(from, begin).toMillis();
      long after = Duration.between(from, end).toMillis();
      long minutes = Math.max(1, (after + MINUTE - 1) / MINUTE);
      days.add(
          new PresenceDay(
              new Key(who.place().environment(), day, who.kind()),
              1,
              after - before,
              minutes - counted,
              corrected ? 1 : 0));
      counted = minutes;
      begin = midnight;
      day = day.plusDays(1);
    }
    return days;
  }
}
