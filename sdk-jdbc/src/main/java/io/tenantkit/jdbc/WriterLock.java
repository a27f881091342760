package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets one transaction write at a time, which an H2 file needs. A commit writes the roots of H2's
 * maps to the file one after the other; what another thread changes meanwhile is in some of them
 * and not in others, and a process that is killed before the next commit comes back with half of
 * that thread's transaction. So whoever writes has this from before its first statement until its
 * commit is on disk; readers do not wait.
 *
 * <p>It is a thread's, who may take it again. Safe for use by several threads.
 */
final class WriterLock {
  private final Duration patience;
  private final Semaphore free = new Semaphore(1, true);
  private @Nullable Thread owner;
  private int depth;

  /**
   * A lock that nobody has.
   *
   * @param patience how long a writer waits for the one before
   */
  WriterLock(Duration patience) {
    this.patience = patience;
  }

  /**
   * Takes it, and waits while another thread has it.
   *
   * @throws StorageException with {@link ErrorCode#STORAGE_BUSY} when that takes too long or this
   *     thread is interrupted
   */
  void take() {
    take(patience);
  }

  /** As {@link #take()}, with a bound of the caller's own. */
  void take(Duration atMost) {
    if (!tryTake(atMost)) {
      throw new StorageException(
          ErrorCode.STORAGE_BUSY,
          "an H2 file has one writer at a time, and the one before has not ended yet");
    }
  }

  /** As {@link #take()}; answers whether it was got. */
  boolean tryTake() {
    return tryTake(patience);
  }

  private boolean tryTake(Duration atMost) {
    if (retaken()) {
      return true;
    }
    try {
      if (free.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        begin();
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private synchronized boolean retaken() {
    if (owner == Thread.currentThread()) {
      depth++;
      return true;
    }
    return false;
  }

  private synchronized void begin() {
    owner = Thread.currentThread();
    depth = 1;
  }

  /** Gives back what was taken once; any thread may, since a host may end its work on another. */
  synchronized void give() {
    depth--;
    if (depth == 0) {
      owner = null;
      free.release();
    }
  }
}
