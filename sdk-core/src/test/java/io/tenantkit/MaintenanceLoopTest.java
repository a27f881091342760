package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.event.Events;
import io.tenantkit.spi.Maintenance;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** When periodic work runs, and what becomes of its failures and of events. */
final class MaintenanceLoopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final TickingClock clock = TickingClock.at(START);
  private final List<Event> heard = new ArrayList<>();
  private final Events events = new Events(List.of(heard::add));
  private final MaintenanceLoop loop = new MaintenanceLoop(clock, events, PATIENCE);

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
  void errorOfAListenerKeepsNothingFromTheOthers() {
    List<Event> second = new ArrayList<>();
    Events both =
        new Events(
            List.of(
                event -> {
                  throw new NoClassDefFoundError("a listener's class");
                },
                second::add));
    both.publish(event(1));

    both.deliver();

    assertThat(second).containsExactly(event(1));
  }

  @Test
  void errorOfATaskIsReportedAndTheOthersStillRun() {
    List<Instant> runs = new ArrayList<>();
    loop.urgent(
        "bad",
        Duration.ofSeconds(1),
        now -> {
          throw new StackOverflowError();
        });
    loop.every(
        "worse",
        Duration.ofSeconds(1),
        now -> {
          throw new AssertionError();
        });
    loop.every("good", Duration.ofSeconds(1), runs::add);

    loop.runDue(START);

    assertThat(runs).hasSize(1);
    assertThat(heard).extracting(Event::subject).containsExactly("bad", "worse");
    assertThat(heard.get(0).details()).containsEntry("error", "java.lang.StackOverflowError");
  }

  @Test
  void threadSurvivesErrorsAndInterrupts() throws Exception {
    for (boolean urgent : new boolean[] {false, true}) {
      MaintenanceLoop threaded = new MaintenanceLoop(clock, events, PATIENCE);
      AtomicInteger runs = new AtomicInteger();
      CountDownLatch third = new CountDownLatch(3);
      Maintenance.Task task =
          now -> {
            clock.tick(Duration.ofSeconds(1));
            third.countDown();
            if (runs.incrementAndGet() == 1) {
              throw new StackOverflowError();
            }
            Thread.currentThread().interrupt();
          };
      if (urgent) {
        threaded.urgent("t", Duration.ofNanos(1), task);
      } else {
        threaded.every("t", Duration.ofNanos(1), task);
      }

      threaded.start();

      assertThat(third.await(30, TimeUnit.SECONDS)).isTrue();
      threaded.stop();
    }
  }

  @Test
  void urgentWorkIsDoneFirst() {
    List<String> runs = new ArrayList<>();
    loop.every("slow", Duration.ofSeconds(1), now -> runs.add("slow"));
    loop.urgent("urgent", Duration.ofSeconds(1), now -> runs.add("urgent"));

    loop.runDue(START);

    assertThat(runs).containsExactly("urgent", "slow");
  }

  @Test
  void blockedTaskHoldsUpNoUrgentWork() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    loop.every("blocked", Duration.ofNanos(1), now -> block(blocked, release));

    assertUrgentWorkGoesOn(loop, blocked, release);
  }

  @Test
  void blockedListenerHoldsUpNoUrgentWork() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Events slow = new Events(List.of(event -> block(blocked, release)));
    slow.publish(event(1));

    assertUrgentWorkGoesOn(new MaintenanceLoop(clock, slow, PATIENCE), blocked, release);
  }

  @Test
  void blockedUrgentWorkHoldsUpNoOther() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    loop.urgent("blocked", Duration.ofNanos(1), now -> block(blocked, release));

    assertUrgentWorkGoesOn(loop, blocked, release);
  }

  private void assertUrgentWorkGoesOn(
      MaintenanceLoop threaded, CountDownLatch blocked, CountDownLatch release) throws Exception {
    CountDownLatch more = new CountDownLatch(3);
    threaded.urgent(
        "feed",
        Duration.ofNanos(1),
        now -> {
          clock.tick(Duration.ofSeconds(1));
          if (blocked.getCount() == 0) {
            more.countDown();
          }
        });
    threaded.start();
    try {
      assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(more.await(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      release.countDown();
      threaded.stop();
    }
    assertThat(names()).doesNotContain("tenantkit-feed", "tenantkit-maintenance");
  }

  private static void block(CountDownLatch blocked, CountDownLatch release) {
    blocked.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void nothingIsBegunOnceItCloses() {
    List<Instant> runs = new ArrayList<>();
    loop.every("closing", Duration.ofSeconds(1), now -> loop.stop());
    loop.every("t", Duration.ofSeconds(1), runs::add);

    loop.runDue(START);

    assertThat(runs).isEmpty();
  }

  @Test
  void floodOfSamplesIsBounded() {
    for (int i = 0; i < Events.CAPACITY + 5; i++) {
      events.publish(event(EventType.VERIFICATION_FAILED, i));
    }

    events.deliver();

    assertThat(heard).hasSize(Events.CAPACITY);
    assertThat(heard.get(0)).isEqualTo(event(EventType.VERIFICATION_FAILED, 0));
  }

  @Test
  void whatIsToldOnceIsNeverLeftOut() {
    for (int i = 0; i < Events.CAPACITY; i++) {
      events.publish(event(EventType.VERIFICATION_FAILED, i));
    }
    for (int i = 0; i < 5_000; i++) {
      events.publish(event(i));
    }
    assertThat(heard).as("only due work delivers").isEmpty();

    events.deliver();

    assertThat(heard).hasSize(Events.CAPACITY + 5_000).endsWith(event(4_999));
  }

  @Test
  void dueWorkDeliversInBetween() {
    int all = 5 * Events.CAPACITY;
    AtomicInteger mostWaiting = new AtomicInteger();
    loop.every(
        "t",
        Duration.ofSeconds(1),
        now -> {
          for (int i = 0; i < all; i++) {
            events.publish(event(i));
            mostWaiting.set(Math.max(mostWaiting.get(), i + 1 - heard.size()));
          }
        });

    loop.runDue(START);

    assertThat(mostWaiting).hasValue(Events.CAPACITY);
    assertThat(heard).hasSize(all).startsWith(event(0), event(1)).endsWith(event(all - 1));
  }

  @Test
  void listenerThatPublishesIsNotCalledWithinItself() {
    AtomicInteger depth = new AtomicInteger();
    List<Event> seen = new ArrayList<>();
    AtomicReference<Events> self = new AtomicReference<>();
    self.set(
        new Events(
            List.of(
                event -> {
                  assertThat(depth.incrementAndGet()).isOne();
                  seen.add(event);
                  if (event.equals(event(0))) {
                    for (int i = 1; i <= 2 * Events.CAPACITY; i++) {
                      self.get().publish(event(i));
                    }
                  }
                  depth.decrementAndGet();
                })));
    Events reentrant = self.get();
    reentrant.publish(event(0));

    reentrant.during(reentrant::deliver);
    assertThat(seen).hasSize(1);
    reentrant.deliver();

    assertThat(seen).hasSize(1 + 2 * Events.CAPACITY).endsWith(event(2 * Events.CAPACITY));
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
    assertThat(names()).doesNotContain("tenantkit-maintenance");
    assertThat(clock.instant()).isEqualTo(end);
    assertThat(late).isFalse();
  }

  @Test
  void intervalIsMoreThanZero() {
    assertThatThrownBy(() -> loop.every("t", Duration.ZERO, now -> {}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("interval");
    assertThatThrownBy(() -> loop.urgent("t", Duration.ofNanos(-1), now -> {}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("interval");
  }

  private static List<String> names() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  private static Event event(int number) {
    return event(EventType.KEY_UNUSED, number);
  }

  private static Event event(EventType type, int number) {
    return new Event(type, START, Optional.empty(), "key_" + number, Map.of("name", "n"));
  }
}
