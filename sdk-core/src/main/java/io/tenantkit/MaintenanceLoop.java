package io.tenantkit;

import io.tenantkit.event.Events;
import io.tenantkit.spi.Maintenance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * All periodic work of a control plane, on daemon threads of its own unless the host runs it
 * itself: one for everything that may take its time, the host's listeners included, and one for
 * each piece of urgent work. Safe for use by several threads.
 */
final class MaintenanceLoop implements Maintenance {
  private record Urgent(String name, MaintenanceLane lane) {
    void start() {
      lane.start("tenantkit-" + name);
    }
  }

  private final Clock clock;
  private final Events events;
  private final Duration closingPatience;
  private final MaintenanceLane work;
  private final List<Urgent> urgent = new ArrayList<>();
  private boolean started;

  /**
   * A loop without work.
   *
   * @param closingPatience how long {@link #stop} waits for the work that is being done
   */
  MaintenanceLoop(Clock clock, Events events, Duration closingPatience) {
    this.closingPatience = closingPatience;
    this.clock = clock;
    this.events = events;
    this.work = new MaintenanceLane(clock, events, events::deliver);
  }

  @Override
  public void every(String name, Duration interval, Task task) {
    work.add(name, positive(interval), now -> events.during(() -> task.run(now)));
  }

  @Override
  public void urgent(String name, Duration interval, Task task) {
    MaintenanceLane lane = new MaintenanceLane(clock, events, () -> {});
    lane.add(name, positive(interval), task);
    Urgent added = new Urgent(name, lane);
    synchronized (urgent) {
      urgent.add(added);
      if (started) {
        added.start();
      }
    }
  }

  private static Duration positive(Duration interval) {
    if (interval.isZero() || interval.isNegative()) {
      throw new InvalidInputException("interval", "more than zero");
    }
    return interval;
  }

  /** Runs what is due, the urgent first, and delivers events. Waits for others that do so. */
  void runDue(Instant now) {
    urgent().forEach(each -> each.lane.runDue(now));
    work.runDue(now);
  }

  /** Begins to look for due work. */
  void start() {
    synchronized (urgent) {
      started = true;
      urgent.forEach(Urgent::start);
    }
    work.start("tenantkit-maintenance");
  }

  /** Ends the threads; nothing is begun any more once this has returned. */
  void stop() {
    List<MaintenanceLane> lanes = new ArrayList<>();
    synchronized (urgent) {
      started = false;
      urgent.forEach(each -> lanes.add(each.lane));
    }
    lanes.add(work);
    lanes.forEach(MaintenanceLane::stop);
    long deadline = System.nanoTime() + closingPatience.toNanos();
    try {
      for (MaintenanceLane lane : lanes) {
        lane.awaitEnd(deadline);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Urgent> urgent() {
    synchronized (urgent) {
      return List.copyOf(urgent);
    }
  }
}
