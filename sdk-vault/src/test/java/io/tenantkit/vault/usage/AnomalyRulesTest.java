package io.tenantkit.vault.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.vault.usage.AnomalyRules.Judgement;
import io.tenantkit.vault.usage.UsageHistory.HourCount;
import io.tenantkit.vault.usage.UsageHistory.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each rule at its edges. */
class AnomalyRulesTest {
  /** A Wednesday. */
  private static final Instant HOUR = Instant.parse("2026-03-18T10:00:00Z");

  private final AnomalyRules rules = new AnomalyRules(AnomalyThresholds.defaults());

  private static Instant daysAgo(long days) {
    return HOUR.minus(Duration.ofDays(days));
  }

  private static Seen seen(long secret, Instant actor, Instant tool) {
    return new Seen(Optional.of(daysAgo(secret)), Optional.of(actor), Optional.of(tool), 3);
  }

  @Test
  void firstUseIsNewsOnceTheSecretIsKnown() {
    Instant now = HOUR.plusSeconds(60);
    assertThat(rules.firstUse(seen(7, now, now), HOUR))
        .contains(new Judgement(AnomalyRule.NEW_ACTOR, 2, 7, 7));
    assertThat(rules.firstUse(seen(7, daysAgo(1), now), HOUR))
        .contains(new Judgement(AnomalyRule.NEW_TOOL, 2, 7, 7));
    assertThat(rules.firstUse(seen(6, now, now), HOUR)).isEmpty();
    assertThat(rules.firstUse(seen(7, daysAgo(1), daysAgo(1)), HOUR)).isEmpty();
    assertThat(
            rules.firstUse(new Seen(Optional.empty(), Optional.empty(), Optional.empty(), 0), HOUR))
        .isEmpty();
  }

  /** So many uses at this hour of each of the days before, and now. */
  private static List<HourCount> daily(int days, long usual, long now) {
    List<HourCount> counts = new ArrayList<>();
    for (int day = days; day > 0; day--) {
      counts.add(new HourCount(daysAgo(day), usual));
    }
    counts.add(new HourCount(HOUR, now));
    return counts;
  }

  @Test
  void aBurstIsMoreThanTheFloorAndTheFactor() {
    assertThat(rules.burst(daily(28, 40, 121), HOUR))
        .contains(new Judgement(AnomalyRule.BURST, 40, 121, 120));
    assertThat(rules.burst(daily(28, 40, 120), HOUR)).isEmpty();
    assertThat(rules.burst(daily(28, 1, 50), HOUR)).isEmpty();
    assertThat(rules.burst(daily(28, 1, 51), HOUR)).isPresent();
    assertThat(rules.burst(daily(6, 1, 5_000), HOUR)).as("too young").isEmpty();
    assertThat(rules.burst(daily(7, 40, 5_000), HOUR)).isPresent();
  }

  @Test
  void oneBurstBeforeDoesNotMakeTheNextUsual() {
    List<HourCount> counts = daily(28, 40, 500);
    counts.set(3, new HourCount(counts.get(3).hour(), 10_000));
    assertThat(rules.burst(counts, HOUR)).isPresent();
  }

  @Test
  void anHourIsUnusualOnlyForWhoHasHabits() {
    List<HourCount> mornings = new ArrayList<>();
    for (int day = 1; day <= 28; day++) {
      Instant at = daysAgo(day);
      int weekday = at.atZone(java.time.ZoneOffset.UTC).getDayOfWeek().getValue();
      if (weekday < 6) {
        mornings.add(0, new HourCount(at, 3));
      }
    }
    Instant night = Instant.parse("2026-03-18T03:00:00Z");
    Instant next = HOUR.plus(Duration.ofHours(1));
    Instant saturday = Instant.parse("2026-03-21T10:00:00Z");
    assertThat(rules.unusualHour(with(mornings, night, 1), night))
        .contains(new Judgement(AnomalyRule.UNUSUAL_HOUR, 20, 1, 10));
    assertThat(rules.unusualHour(with(mornings, saturday, 2), saturday)).isPresent();
    assertThat(rules.unusualHour(with(mornings, next, 2), next)).as("next to it").isEmpty();
    assertThat(rules.unusualHour(with(mornings.subList(0, 9), night, 2), night))
        .as("no habits yet")
        .isEmpty();
  }

  private static List<HourCount> with(List<HourCount> counts, Instant hour, long uses) {
    List<HourCount> all = new ArrayList<>(counts);
    all.add(new HourCount(hour, uses));
    return all;
  }

  @Test
  void denialsAreAStreakWhenTheyAreManyAndNotUsual() {
    assertThat(rules.deniedStreak(List.of(new HourCount(HOUR, 10)), HOUR))
        .contains(new Judgement(AnomalyRule.DENIED_STREAK, 0, 10, 10));
    assertThat(
            rules.deniedStreak(
                List.of(new HourCount(HOUR.minus(Duration.ofHours(1)), 6), new HourCount(HOUR, 4)),
                HOUR))
        .isPresent();
    assertThat(rules.deniedStreak(List.of(new HourCount(HOUR, 9)), HOUR)).isEmpty();
    List<HourCount> always = new ArrayList<>();
    for (int hour = 28 * 24; hour >= 0; hour--) {
      always.add(new HourCount(HOUR.minus(Duration.ofHours(hour)), 30));
    }
    assertThat(rules.deniedStreak(always, HOUR)).as("a misconfigured job").isEmpty();
    always.set(always.size() - 1, new HourCount(HOUR, 150));
    assertThat(rules.deniedStreak(always, HOUR))
        .contains(new Judgement(AnomalyRule.DENIED_STREAK, 60, 180, 180));
  }

  @Test
  void aSecretIsDormantAfterNinetyDays() {
    Instant day = Instant.parse("2026-03-18T00:00:00Z");
    Optional<Instant> first = Optional.of(daysAgo(500));
    assertThat(rules.dormant(Optional.of(day.minus(Duration.ofDays(90))), first, HOUR))
        .contains(new Judgement(AnomalyRule.DORMANT_USED, 90, 90, 90));
    assertThat(rules.dormant(Optional.of(day.minus(Duration.ofDays(89))), first, HOUR)).isEmpty();
    assertThat(rules.dormant(Optional.empty(), first, HOUR))
        .as("its days are no longer kept")
        .isPresent();
    assertThat(rules.dormant(Optional.empty(), Optional.of(HOUR.plusSeconds(1)), HOUR))
        .as("its first use")
        .isEmpty();
  }
}
