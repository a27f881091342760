package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.event.Events;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** When periodic work runs, and what becomes of its failures and of events. */
final class MaintenanceLoopTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final TickingClock clock = TickingClock.at(START);
  private final List<Event> heard = new ArrayList<>();
  private final Events events = new Events(List.of(heard::add));
  private final MaintenanceLoop loop = new MaintenanceLoop(clock, events);

  @Test
  void taskRunsAtOnceAndThenWheneverItsIntervalHasPassed() {
    List<Instant> runs = new ArrayList<>();
    loop.every("t", Duration.ofSeconds(10), runs::add);

    loop.runDue(START);
    loop.runDue(START.plusSeconds(9));
    loop.runDue(START.plusSeconds(10));
    loop.runDue(START.plusSeconds(35));
    loop.runDue(START.plusSeconds(44));

    assertThat(runs).containsExactly(START, START.plusSeconds(10), START.plusSeconds(35));
  }

  @Test
  void failureIsAnEventWithoutTheTextAndTheOthersStillRun() {
    List<Instant> runs = new ArrayList<>();
    loop.every(
        "bad",
        Duration.ofSeconds(1),
        now -> {
          throw new IllegalStateException("CANARY");
        });
    loop.every("good", Duration.ofSeconds(1), runs::add);

    loop.runDue(START);
    loop.runDue(START.plusSeconds(1));

    assertThat(runs).hasSize(2);
    assertThat(heard).hasSize(2);
    assertThat(heard.get(0).type()).isEqualTo(EventType.MAINTENANCE_FAILED);
    assertThat(heard.get(0).subject()).isEqualTo("bad");
    assertThat(heard.toString()).doesNotContain("CANARY").contains("IllegalStateException");
  }

  @Test
  void listenerThatThrowsKeepsNothingFromTheOthers() {
    List<Event> second = new ArrayList<>();
    Events both =
        new Events(
            List.of(
                event -> {
                  throw new IllegalStateException("a listener's fault");
                },
                second::add));
    both.publish(event(1));
    both.publish(event(2));

    both.deliver();
    both.deliver();

    assertThat(second).containsExactly(event(1), event(2));
  }

  @Test
  void floodIsBounded() {
    for (int i = 0; i < Events.CAPACITY + 5; i++) {
      events.publish(event(i));
    }

    events.deliver();

    assertThat(heard).hasSize(Events.CAPACITY);
    assertThat(heard.get(0)).isEqualTo(event(0));
  }

  @Test
  void threadRunsWhatIsDueAndNothingMoreOnceItIsStopped() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicBoolean late = new AtomicBoolean();
    loop.every(
        "t",
        Duration.ofNanos(1),
        now -> {
          clock.tick(Duration.ofSeconds(1));
          late.compareAndSet(false, stopped.get());
          ran.countDown();
        });

    loop.start();
    assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    loop.stop();
    stopped.set(true);

    Instant end = clock.instant();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("tenantkit-maintenance");
    assertThat(clock.instant()).isEqualTo(end);
    assertThat(late).isFalse();
  }

  @Test
  void intervalIsMoreThanZero() {
    assertThatThrownBy(() -> loop.every("t", Duration.ZERO, now -> {}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("interval");
  }

  private static Event event(int number) {
    return new Event(
        EventType.KEY_UNUSED, START, Optional.empty(), "key_" + number, Map.of("name", "n"));
  }
}
