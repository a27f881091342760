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
 * Periodic work that is done one piece after the other. Nothing that a piece throws ends the lane.
 * Safe for use by several threads.
 */
final class MaintenanceLane {
  private static final Logger LOG = LoggerFactory.getLogger(MaintenanceLane.class);

  /** How often the thread looks whether something is due. */
  private static final long TICK_MILLIS = 100;

  private static final class Due {
    private final String name;
    private final Duration interval;
    private final Maintenance.Task task;
    private @Nullable Instant last;

    Due(String name, Duration interval, Maintenance.Task task) {
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
  private final Runnable afterEach;
  private final List<Due> tasks = new CopyOnWriteArrayList<>();
  private final ReentrantLock running = new ReentrantLock();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  /**
   * A lane without work.
   *
   * @param afterEach runs after each piece of work, and once in each round
   */
  MaintenanceLane(Clock clock, Events events, Runnable afterEach) {
    this.clock = clock;
    this.events = events;
    this.afterEach = afterEach;
  }

  void add(String name, Duration interval, Maintenance.Task task) {
    tasks.add(new Due(name, interval, task));
  }

  /** Runs what is due. Waits for another thread that does so. */
  void runDue(Instant now) {
    running.lock();
    try {
      for (Due due : tasks) {
        if (due.isDue(now) && !isClosing()) {
          due.last = now;
          run(due, now);
          afterEach.run();
        }
      }
      afterEach.run();
    } finally {
      running.unlock();
    }
  }

  private void run(Due due, Instant now) {
    try {
      due.task.run(now);
    } catch (Throwable e) {
      // Errors too: a piece of work that overflows its stack must not end all the others for ever.
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

  /** Begins to look for due work on a daemon thread of this name. */
  void start(String name) {
    Thread started = new Thread(this::loop, name);
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  private void loop() {
    while (!isClosing()) {
      try {
        if (!closing.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
          runDue(clock.instant());
        }
      } catch (InterruptedException e) {
        // Meant for a task or a listener that is over: this thread is ended by closing only.
        LOG.debug("due work was interrupted");
      } catch (Throwable e) {
        // The host's clock, or its log.
        LOG.warn("due work could not be begun: {}", e.getClass().getName());
      }
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Begins nothing any more. */
  void stop() {
    closing.countDown();
  }

  /** Waits until the thread has ended, unless it is the caller's own, but not past this time. */
  void awaitEnd(long deadlineNanos) throws InterruptedException {
    Thread started = thread;
    if (started != null && started != Thread.currentThread()) {
      // Zero would wait for ever.
      long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
      started.join(Math.max(1, millis));
    }
  }
}
