package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tck.Race;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class MonotonicClockTest {
  private static final Instant START = Instant.parse("2026-11-21T12:00:00.123456789Z");

  private final TickingClock host = TickingClock.at(START);
  private final MonotonicClock clock = new MonotonicClock(host);

  @Test
  void forwardIsExact() {
    assertThat(clock.instant()).isEqualTo(START);
    assertThat(clock.instant()).isEqualTo(START);
    assertThat(clock.millis()).isEqualTo(START.toEpochMilli());
    for (Duration step : List.of(Duration.ofNanos(1), Duration.ofMillis(1), Duration.ofDays(400))) {
      host.tick(step);
      assertThat(clock.instant()).isEqualTo(host.instant());
      assertThat(clock.millis()).isEqualTo(host.instant().toEpochMilli());
    }
  }

  @Test
  void setBackItNeverGoesBack() {
    clock.instant();
    for (Duration back :
        List.of(Duration.ofNanos(-1), Duration.ofMillis(-1), Duration.ofDays(-400))) {
      Instant before = clock.instant();
      long millisBefore = clock.millis();
      host.tick(back);
      assertThat(clock.instant()).isAfterOrEqualTo(before);
      assertThat(clock.millis()).isGreaterThanOrEqualTo(millisBefore);
    }
  }

  @Test
  void setBackItStillAdvances() {
    Instant before = clock.instant();
    long millisBefore = clock.millis();
    host.tick(Duration.ofHours(-1));

    // Ends because real time passes; a clock that stands would hang here, and fail by the timeout.
    long rounds = 0;
    long giveUp = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!clock.instant().isAfter(before) || clock.millis() <= millisBefore) {
      rounds++;
      assertThat(System.nanoTime()).as("after %s rounds", rounds).isLessThan(giveUp);
    }
  }

  @Test
  void timeThatWasShownWhileTheClockWasBehindIsNotTakenBackWhenItCatchesUp() {
    long first = clock.millis();
    host.tick(Duration.ofHours(-1));
    long shown = clock.millis();
    while (shown < first + 20) {
      shown = clock.millis();
    }

    host.tick(Duration.ofHours(1));
    assertThat(clock.millis()).isGreaterThanOrEqualTo(shown);
    assertThat(clock.instant().toEpochMilli()).isGreaterThanOrEqualTo(shown);

    host.tick(Duration.ofMillis(1));
    assertThat(clock.millis()).isGreaterThanOrEqualTo(shown);

    host.tick(Duration.ofHours(1));
    assertThat(clock.instant()).isEqualTo(host.instant());
  }

  @Test
  void noThreadSeesTimeGoBackNorLeapAheadWhileTheClockIsMoved() {
    Instant end = START.plus(Duration.ofHours(1));
    List<Boolean> fine =
        Race.of(
            Race.THREADS,
            thread -> {
              Instant before = Instant.EPOCH;
              for (int i = 0; i < 20_000; i++) {
                if (thread == 0 && i % 10 == 0) {
                  host.tick(Duration.ofMillis(i % 20 == 0 ? 3 : -2));
                }
                Instant now = i % 2 == 0 ? clock.instant() : Instant.ofEpochMilli(clock.millis());
                if (now.isBefore(before.minusNanos(999_999)) || now.isAfter(end)) {
                  return false;
                }
                before = now;
              }
              return true;
            });

    assertThat(fine).doesNotContain(false);
  }

  @Test
  void zoneIsTheHosts() {
    assertThat(clock.getZone()).isEqualTo(ZoneOffset.UTC);
  }
}
