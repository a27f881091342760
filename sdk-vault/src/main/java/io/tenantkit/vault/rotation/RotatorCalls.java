package io.tenantkit.vault.rotation;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls rotators, each call on a thread of its own and for a bounded time. One that hangs costs its
 * caller that time and keeps its thread; of such there are never more than {@value #MOST}, and
 * {@value #MOST_OF_ONE} of one organization. Safe for use by several threads.
 */
final class RotatorCalls implements AutoCloseable {
  static final String TIMED_OUT = "timed-out";

  private static final int MOST = 32;
  private static final int MOST_OF_ONE = 4;

  private final Duration timeout;
  private final Object lock = new Object();
  private final Set<Thread> threads = new HashSet<>();
  private final Map<OrganizationId, Integer> running = new HashMap<>();
  private boolean closed;

  /** What a rotator does. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws Exception;
  }

  /** Why a call failed, in our own words. It has no cause: that may quote a secret. */
  static final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String code;

    FailedException(String code) {
      super(code, null, false, false);
      this.code = code;
    }

    String code() {
      return code;
    }
  }

  RotatorCalls(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Runs a call.
   *
   * @param late takes the answer when it comes after the caller has given up
   * @throws FailedException when it throws, takes too long, or may not begin
   * @throws TenantkitException with {@link ErrorCode#CLOSED} when the calls were closed before it
   *     answered: what a rotator throws then is our doing and no failure of the rotation's
   */
  <T> T call(OrganizationId organization, Call<T> work, Consumer<T> late) {
    try {
      return answered(organization, work, late);
    } catch (FailedException e) {
      if (isClosed()) {
        throw new TenantkitException(ErrorCode.CLOSED, "the rotations were closed");
      }
      throw e;
    }
  }

  boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  private <T> T answered(OrganizationId organization, Call<T> work, Consumer<T> late) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Thread thread = new Thread(() -> run(organization, work, late, answer), "tenantkit-rotation");
    thread.setDaemon(true);
    begin(organization, thread);
    try {
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return giveUp(answer, thread, TIMED_OUT);
    } catch (InterruptedException e) {
      T last = giveUp(answer, thread, "interrupted");
      Thread.currentThread().interrupt();
      return last;
    } catch (ExecutionException e) {
      throw new FailedException(code(e.getCause()));
    }
  }

  private void begin(OrganizationId organization, Thread thread) {
    synchronized (lock) {
      if (closed) {
        throw new FailedException("closed");
      }
      int before = running.getOrDefault(organization, 0);
      if (threads.size() >= MOST || before >= MOST_OF_ONE) {
        throw new FailedException("too-many-calls");
      }
      running.put(organization, before + 1);
      threads.add(thread);
    }
    thread.start();
  }

  private <T> void run(
      OrganizationId organization, Call<T> work, Consumer<T> late, CompletableFuture<T> answer) {
    try {
      T value = work.run();
      if (!answer.complete(value)) {
        late.accept(value);
      }
    } catch (Throwable e) {
      // Errors too: who waits must be told.
      answer.completeExceptionally(e);
    } finally {
      end(organization);
    }
  }

  private void end(OrganizationId organization) {
    synchronized (lock) {
      threads.remove(Thread.currentThread());
      int left = running.getOrDefault(organization, 1) - 1;
      if (left == 0) {
        running.remove(organization);
      } else {
        running.put(organization, left);
      }
    }
  }

  /** Unless it ended just now. */
  private static <T> T giveUp(CompletableFuture<T> answer, Thread thread, String code) {
    if (answer.completeExceptionally(new FailedException(code))) {
      thread.interrupt();
      throw new FailedException(code);
    }
    try {
      return answer.join();
    } catch (RuntimeException e) {
      throw new FailedException(code(e.getCause()));
    }
  }

  /** What a provider said may quote a secret, the name of a class does not. */
  private static String code(@Nullable Throwable thrown) {
    if (thrown instanceof RotationException known) {
      return known.code();
    }
    if (thrown instanceof FailedException known) {
      return known.code();
    }
    String name = thrown == null ? "unknown" : thrown.getClass().getName();
    return name.length() > 80 ? name.substring(name.length() - 80) : name;
  }

  /** Ends what runs, as far as it lets itself be interrupted, and begins nothing more. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      threads.forEach(Thread::interrupt);
    }
  }
}
