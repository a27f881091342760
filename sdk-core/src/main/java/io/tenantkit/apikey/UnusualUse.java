package io.tenantkit.apikey;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The rule by which a key's use is unusual: at least {@value #LEAST} uses in an interval and at
 * least {@value #FACTOR} times what the key's own past, of an hour or more, makes likely. The past
 * is the average over all that was seen of the key, idle time included, of which what is a day ago
 * counts less and less: a key that sleeps at night is not unusual in the morning. A key is reported
 * once an hour.
 *
 * <p>It remembers at most so many keys as it was made for and forgets those first that it has not
 * seen for the longest time; each process has its own. Safe for use by several threads.
 */
final class UnusualUse {
  /** Fewer uses in an interval are never unusual. */
  static final long LEAST = 100;

  /** So many times the usual is unusual. */
  static final int FACTOR = 10;

  /** How much past a key must have. */
  static final Duration PAST = Duration.ofHours(1);

  /** The most past that the average weighs against what is new. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final Duration QUIET = Duration.ofHours(1);

  private record Name(OrganizationId organization, ApiKeyId id) {}

  /** A key's past: uses in a second on average until {@code until}, and when it was reported. */
  private record Past(double rate, Instant since, Instant until, Optional<Instant> reportedAt) {}

  private final Map<Name, Past> pasts;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param capacity how many keys are remembered, at least 1
   */
  UnusualUse(int capacity) {
    this.pasts =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Name, Past> eldest) {
            return size() > capacity;
          }
        };
  }

  /**
   * Takes what was counted of a key and answers what the host should hear of it.
   *
   * @param count how often it was used
   * @param interval within what time until {@code now}; more than zero
   */
  Optional<Event> observe(
      OrganizationId organization, ApiKeyId id, long count, Duration interval, Instant now) {
    Name name = new Name(organization, id);
    lock.lock();
    try {
      Past before = pasts.get(name);
      if (before == null) {
        Instant since = now.minus(interval);
        pasts.put(name, new Past(count / seconds(interval), since, now, Optional.empty()));
        return Optional.empty();
      }
      long usual = Math.round(before.rate * seconds(interval));
      boolean tell = isUnusual(before, count, usual, now);
      pasts.put(name, after(before, count, now, tell));
      return tell ? Optional.of(event(name, count, usual, now)) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private static boolean isUnusual(Past past, long count, long usual, Instant now) {
    return count >= LEAST
        && count / FACTOR >= usual
        && !now.isBefore(past.since.plus(PAST))
        && past.reportedAt.filter(at -> now.isBefore(at.plus(QUIET))).isEmpty();
  }

  private static Past after(Past before, long count, Instant now, boolean told) {
    Optional<Instant> reportedAt = told ? Optional.of(now) : before.reportedAt;
    if (!now.isAfter(before.until)) {
      return new Past(before.rate, before.since, before.until, reportedAt);
    }
    double elapsed = seconds(Duration.between(before.until, now));
    double age = seconds(Duration.between(before.since, before.until));
    double weight = Math.min(age, seconds(LONGEST));
    double rate = (before.rate * weight + count) / (weight + elapsed);
    return new Past(rate, before.since, now, reportedAt);
  }

  private static double seconds(Duration duration) {
    return duration.getSeconds() + duration.getNano() / 1e9;
  }

  private static Event event(Name name, long count, long usual, Instant now) {
    return Event.of(
        EventType.UNUSUAL_USE,
        now,
        name.organization,
        name.id.value(),
        Map.of("uses", Long.toString(count), "usual", Long.toString(usual)));
  }
}
