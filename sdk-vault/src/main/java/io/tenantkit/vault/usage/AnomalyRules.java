package io.tenantkit.vault.usage;

import io.tenantkit.vault.usage.UsageHistory.HourCount;
import io.tenantkit.vault.usage.UsageHistory.Seen;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * When use is unusual, as functions of sums that are stored: the same sums, the same judgement.
 * Each judgement says what was observed, against which baseline and from which threshold on.
 * Immutable, blocks on nothing.
 */
public final class AnomalyRules {
  /** How many days back the rules look. */
  public static final int WINDOW_DAYS = 28;

  /** The days' counts of an hour, in order: nearest rank of their 95th percentile. */
  private static final int P95 = (int) Math.ceil(WINDOW_DAYS * 0.95) - 1;

  /**
   * Why something is unusual.
   *
   * @param rule by which rule
   * @param baseline what is usual
   * @param observed what was seen
   * @param threshold from where on it is unusual
   */
  public record Judgement(AnomalyRule rule, long baseline, long observed, long threshold) {}

  private final AnomalyThresholds thresholds;

  /** The rules with these thresholds. */
  public AnomalyRules(AnomalyThresholds thresholds) {
    this.thresholds = thresholds;
  }

  /**
   * An actor, or a known actor through another tool, used the secret for the first time within this
   * hour, when others have for longer than the learning time. Baseline: how many actors ever used
   * it. Observed: how many days it has been in use. Threshold: the learning time in days.
   */
  Optional<Judgement> firstUse(Seen seen, Instant hour) {
    if (seen.secret().isEmpty() || seen.actor().isEmpty() || seen.tool().isEmpty()) {
      return Optional.empty();
    }
    long age = Duration.between(seen.secret().get(), hour).toDays();
    if (age < thresholds.learningDays() || seen.tool().get().isBefore(hour)) {
      return Optional.empty();
    }
    AnomalyRule rule =
        seen.actor().get().isBefore(hour) ? AnomalyRule.NEW_TOOL : AnomalyRule.NEW_ACTOR;
    return Optional.of(new Judgement(rule, seen.actors() - 1, age, thresholds.learningDays()));
  }

  /**
   * More uses in this hour than the floor and than the factor times the usual: the 95th percentile
   * of the same hour of the days before, or the mean of all their hours when that is more. Says
   * nothing in a secret's first seven days.
   *
   * @param counts of the secret, by hour, of the window and this hour
   */
  Optional<Judgement> burst(List<HourCount> counts, Instant hour) {
    long observed = at(counts, hour);
    if (observed <= thresholds.burstFloor() || !reachesBack(counts, hour, 7)) {
      return Optional.empty();
    }
    long[] sameHour = new long[WINDOW_DAYS];
    long total = 0;
    for (HourCount count : counts) {
      long hours = Duration.between(count.hour(), hour).toHours();
      if (hours > 0 && hours <= WINDOW_DAYS * 24L) {
        total += count.uses();
        if (hours % 24 == 0) {
          sameHour[(int) (hours / 24) - 1] = count.uses();
        }
      }
    }
    long days = Math.min(WINDOW_DAYS, Duration.between(counts.get(0).hour(), hour).toDays());
    Arrays.sort(sameHour);
    long baseline = Math.max(sameHour[P95], total / Math.max(1, days * 24));
    long threshold = Math.max(thresholds.burstFloor(), baseline * thresholds.burstFactor());
    return observed > threshold
        ? Optional.of(new Judgement(AnomalyRule.BURST, baseline, observed, threshold))
        : Optional.empty();
  }

  /**
   * Use of a secret by an actor with habits at an hour of the day at which, and next to which, it
   * never used it on such a day in the window; working days and weekends are apart. Baseline: on
   * how many days it used it. Observed: its uses in this hour. Threshold: how many days make a
   * habit.
   *
   * @param counts of the secret and the actor, by hour, of the window and this hour
   */
  Optional<Judgement> unusualHour(List<HourCount> counts, Instant hour) {
    ZonedDateTime now = hour.atZone(ZoneOffset.UTC);
    Set<Instant> days = new HashSet<>();
    long uses = 0;
    for (HourCount count : counts) {
      if (!count.hour().isBefore(hour)) {
        continue;
      }
      ZonedDateTime then = count.hour().atZone(ZoneOffset.UTC);
      int apart = Math.floorMod(then.getHour() - now.getHour(), 24);
      if (weekend(then) == weekend(now) && (apart <= 1 || apart == 23)) {
        return Optional.empty();
      }
      days.add(count.hour().truncatedTo(ChronoUnit.DAYS));
      uses += count.uses();
    }
    long observed = at(counts, hour);
    if (observed == 0 || uses < thresholds.habitUses() || days.size() < thresholds.habitDays()) {
      return Optional.empty();
    }
    return Optional.of(
        new Judgement(AnomalyRule.UNUSUAL_HOUR, days.size(), observed, thresholds.habitDays()));
  }

  /**
   * So many refused attempts of an actor within this hour and the one before, and three times what
   * is usual of it: the 95th percentile of such pairs in the window, idle ones included.
   *
   * @param counts of the actor's refused attempts, by hour, of the window and this hour
   */
  Optional<Judgement> deniedStreak(List<HourCount> counts, Instant hour) {
    long[] byHour = new long[WINDOW_DAYS * 24 + 1];
    for (HourCount count : counts) {
      long hours = Duration.between(count.hour(), hour).toHours();
      if (hours >= 0 && hours < byHour.length) {
        byHour[(int) hours] = count.uses();
      }
    }
    long observed = byHour[0] + byHour[1];
    // Two at a time, from those that are over.
    long[] pairs = new long[(byHour.length - 2) / 2];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = byHour[2 * i + 2] + byHour[2 * i + 3];
    }
    Arrays.sort(pairs);
    long baseline = pairs[(int) Math.ceil(pairs.length * 0.95) - 1];
    long threshold = Math.max(thresholds.denials(), baseline * 3);
    return observed >= threshold
        ? Optional.of(new Judgement(AnomalyRule.DENIED_STREAK, baseline, observed, threshold))
        : Optional.empty();
  }

  /**
   * A secret that was in use before is used after so many days without. Baseline and threshold: how
   * many days make it dormant. Observed: for how many it was not used.
   *
   * @param lastDay the last day before this one on which it was used, as far as days are kept
   * @param firstUse when it was first used of all
   */
  Optional<Judgement> dormant(Optional<Instant> lastDay, Optional<Instant> firstUse, Instant hour) {
    Instant day = hour.truncatedTo(ChronoUnit.DAYS);
    Optional<Instant> last = lastDay.or(() -> firstUse.filter(first -> first.isBefore(day)));
    if (last.isEmpty()) {
      return Optional.empty();
    }
    long idle = Duration.between(last.get(), day).toDays();
    return idle >= thresholds.dormantDays()
        ? Optional.of(
            new Judgement(
                AnomalyRule.DORMANT_USED, thresholds.dormantDays(), idle, thresholds.dormantDays()))
        : Optional.empty();
  }

  private static boolean weekend(ZonedDateTime time) {
    return time.getDayOfWeek().getValue() >= 6;
  }

  private static boolean reachesBack(List<HourCount> counts, Instant hour, int days) {
    return !counts.isEmpty() && !counts.get(0).hour().isAfter(hour.minus(Duration.ofDays(days)));
  }

  private static long at(List<HourCount> counts, Instant hour) {
    return counts.stream()
        .filter(count -> count.hour().equals(hour))
        .mapToLong(HourCount::uses)
        .sum();
  }
}
