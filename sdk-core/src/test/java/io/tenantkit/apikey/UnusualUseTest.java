package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnusualUseTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final ApiKeyId KEY = ApiKeyId.of("key_1");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final UnusualUse rule = new UnusualUse(100);
  private Instant now = Instant.parse("2026-11-21T12:00:00Z");

  private Optional<Event> after(Duration time, long count) {
    now = now.plus(time);
    return rule.observe(ACME, KEY, count, MINUTE, now);
  }

  private void steady(int minutes, long perMinute) {
    for (int i = 0; i < minutes; i++) {
      assertThat(after(MINUTE, perMinute)).as("minute %s", i).isEmpty();
    }
  }

  @Test
  void tenTimesTheUsualIsUnusual() {
    steady(120, 20);

    assertThat(after(MINUTE, 199)).isEmpty();
    Event event = after(MINUTE, 260).orElseThrow();

    assertThat(event.type()).isEqualTo(EventType.UNUSUAL_USE);
    assertThat(event.at()).isEqualTo(now);
    assertThat(event.organization()).contains(ACME);
    assertThat(event.subject()).isEqualTo("key_1");
    assertThat(event.details()).containsEntry("uses", "260").containsEntry("usual", "21");
  }

  @Test
  void steadyUseIsNeverUnusualHoweverMuch() {
    steady(600, 1_000_000);
  }

  @Test
  void fewUsesAreNeverUnusual() {
    steady(120, 1);

    assertThat(after(MINUTE, 99)).isEmpty();
  }

  @Test
  void keyWithoutAnHourOfPastHasNoUsual() {
    steady(30, 1);
    assertThat(after(MINUTE, 10_000)).isEmpty();

    UnusualUse other = new UnusualUse(1);
    assertThat(other.observe(ACME, KEY, 1_000_000, MINUTE, now)).isEmpty();
  }

  @Test
  void keyIsReportedOnceAnHour() {
    steady(120, 10);

    assertThat(after(MINUTE, 5_000)).isPresent();
    assertThat(after(MINUTE, 50_000)).isEmpty();
    steady(58, 10);
    assertThat(after(MINUTE, 500_000)).isPresent();
  }

  @Test
  void whatHasBecomeUsualIsNotReportedAgain() {
    steady(120, 10);
    assertThat(after(MINUTE, 500)).isPresent();

    steady(600, 500);
  }

  @Test
  void keyThatSleepsAtNightIsNotUnusualInTheMorning() {
    steady(120, 100);

    assertThat(after(Duration.ofHours(8), 130)).isEmpty();
    steady(10, 130);
    assertThat(after(MINUTE, 1_000)).isPresent();
  }

  @Test
  void longerIntervalsAreMeasuredByTheirLength() {
    steady(120, 20);
    now = now.plus(Duration.ofMinutes(10));

    assertThat(rule.observe(ACME, KEY, 300, Duration.ofMinutes(10), now)).isEmpty();
  }

  @Test
  void keysOfTwoOrganizationsAreApart() {
    steady(120, 10);

    assertThat(rule.observe(OrganizationId.of("globex"), KEY, 5_000, MINUTE, now)).isEmpty();
    assertThat(after(MINUTE, 5_000)).isPresent();
  }

  @Test
  void leastRecentlySeenKeyIsForgotten() {
    UnusualUse small = new UnusualUse(2);
    Instant later = now.plus(Duration.ofHours(2));
    for (String id : new String[] {"key_1", "key_2", "key_1", "key_3"}) {
      assertThat(small.observe(ACME, ApiKeyId.of(id), 1, MINUTE, now)).isEmpty();
    }

    assertThat(small.observe(ACME, ApiKeyId.of("key_2"), 9_000, MINUTE, later)).isEmpty();
    assertThat(small.observe(ACME, ApiKeyId.of("key_1"), 9_000, MINUTE, later)).isEmpty();
    assertThat(small.observe(ACME, ApiKeyId.of("key_2"), 9_000, MINUTE, later)).isEmpty();
  }

  @Test
  void timeThatStandsStillOrGoesBackChangesNothing() {
    steady(120, 10);

    assertThat(rule.observe(ACME, KEY, 50, MINUTE, now)).isEmpty();
    assertThat(rule.observe(ACME, KEY, 50, MINUTE, now.minusSeconds(10))).isEmpty();
    assertThat(after(MINUTE, 5_000).orElseThrow().details()).containsEntry("usual", "10");
  }
}
