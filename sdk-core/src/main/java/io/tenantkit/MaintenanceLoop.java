package io.tenantkit;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.event.Events;
import io.tenantkit.spi.Maintenance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All periodic work of a control plane, one piece after the other: on a daemon thread of its own,
 * unless the host runs it itself. Safe for use by several threads.
 */
final class MaintenanceLoop implements Maintenance {
  private static final Logger LOG = LoggerFactory.getLogger(MaintenanceLoop.class);

  /** How often the thread looks whether something is due. */
  private static final long TICK_MILLIS = 100;

  /** How long closing waits for the work that is being done. */
  private static final long CLOSING_MILLIS = 10_000;

  private static final class Due {
    private final String name;
    private final Duration interval;
    private final Task task;
    private @Nullable Instant last;

    Due(String name, Duration interval, Task task) {
      this.name = name;
      this.interval = interval;
      this.task = task;
    }

    boolean isDue(Instant now) {
      return last == null || !now.isBefore(last.plus(interval));
    }
  }

  private final Clock clock;
  private final Events events;
  private final List<Due> tasks = new CopyOnWriteArrayList<>();
  private final ReentrantLock running = new ReentrantLock();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  MaintenanceLoop(Clock clock, Events events) {
    this.clock = clock;
    this.events = events;
  }

  @Override
  public void every(String name, Duration interval, Task task) {
    if (interval.isZero() || interval.isNegative()) {
      throw new InvalidInputException("interval", "more than zero");
    }
    tasks.add(new Due(name, interval, task));
  }

  /** Runs what is due, then delivers events. Waits for another thread that does so. */
  void runDue(Instant now) {
    running.lock();
    try {
      for (Due due : tasks) {
        if (due.isDue(now)) {
          due.last = now;
          run(due, now);
        }
      }
      events.deliver();
    } finally {
      running.unlock();
    }
  }

  private void run(Due due, Instant now) {
    try {
      due.task.run(now);
    } catch (RuntimeException e) {
      String error =
          e instanceof TenantkitException known ? known.code().name() : e.getClass().getName();
      LOG.debug("{} failed", due.name, e);
      events.publish(
          new Event(
              EventType.MAINTENANCE_FAILED,
              now,
              Optional.empty(),
              due.name,
              Map.of("error", error)));
    }
  }

  /** Begins to look for due work on a daemon thread. */
  void start() {
    Thread started = new Thread(this::loop, "tenantkit-maintenance");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  private void loop() {
    try {
      while (!closing.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        runDue(clock.instant());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the thread; nothing is begun any more once this has returned. */
  void stop() {
    closing.countDown();
    Thread started = thread;
    if (started == null || started == Thread.currentThread()) {
      return;
    }
    try {
      started.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
