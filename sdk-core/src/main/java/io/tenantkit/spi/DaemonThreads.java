package io.tenantkit.spi;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads of a room's own that are there only while there is work for them, and that keep no
 * process alive. Each pool belongs to who asked for it, who shuts it down.
 */
public final class DaemonThreads {
  private static final long IDLE_SECONDS = 5;

  private DaemonThreads() {}

  /**
   * Threads for work that may wait for its turn.
   *
   * @param name of each thread, as a thread dump shows it
   * @param most at once, at least 1; what comes beside waits in a queue, in its order
   */
  public static ThreadPoolExecutor queued(String name, int most) {
    ThreadPoolExecutor pool = pool(name, most, most, new LinkedBlockingQueue<>());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Threads for work that is begun at once or not at all.
   *
   * @param name of each thread, as a thread dump shows it
   * @param most at once, at least 1; what comes beside is refused with {@link
   *     java.util.concurrent.RejectedExecutionException}
   */
  public static ThreadPoolExecutor immediate(String name, int most) {
    return pool(name, 0, most, new SynchronousQueue<>());
  }

  private static ThreadPoolExecutor pool(
      String name, int core, int most, BlockingQueue<Runnable> queue) {
    return new ThreadPoolExecutor(
        core,
        most,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        queue,
        work -> {
          Thread thread = new Thread(work, name);
          thread.setDaemon(true);
          return thread;
        });
  }
}
