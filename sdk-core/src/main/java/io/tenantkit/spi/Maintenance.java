package io.tenantkit.spi;

import java.time.Duration;
import java.time.Instant;

/**
 * Takes the periodic work of the rooms. Several nodes run the same work at the same time, so each
 * piece makes sure itself that nothing is done twice. Safe for use by several threads.
 */
public interface Maintenance {

  /** A piece of work. What it throws is reported, and it runs again when it is due again. */
  @FunctionalInterface
  interface Task {
    /** Does what is due at this time. */
    void run(Instant now);
  }

  /**
   * Runs a task at the next due work and then again whenever the interval has passed since it last
   * began. One control plane runs one such task at a time, and the host's listeners between them,
   * so any of them may hold up the others.
   *
   * @param name dotted lower case, for logs and events
   * @param interval more than zero
   */
  void every(String name, Duration interval, Task task);

  /**
   * The same, for what a promised bound hangs on: it waits for no other task and no listener, since
   * each has a thread of its own. It runs beside the other tasks and must take little time.
   *
   * @param name dotted lower case, for logs, events and the thread
   * @param interval more than zero
   */
  void urgent(String name, Duration interval, Task task);
}
