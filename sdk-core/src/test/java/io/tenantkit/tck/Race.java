package io.tenantkit.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/** Runs calls on eight threads, unless another number is asked for, that start together. */
public final class Race {
  /** How many threads run. */
  public static final int THREADS = 8;

  private static final long PATIENCE_SECONDS = 120;

  private Race() {}

  /**
   * The answers of the calls, in the order of their numbers from 0; what a call throws fails the
   * test.
   */
  public static <T> List<T> of(int calls, IntFunction<T> call) {
    return of(THREADS, calls, call);
  }

  /** The same on another number of threads. */
  public static <T> List<T> of(int threadCount, int calls, IntFunction<T> call) {
    ExecutorService threads = Executors.newFixedThreadPool(threadCount);
    try {
      CountDownLatch ready = new CountDownLatch(Math.min(threadCount, calls));
      CountDownLatch start = new CountDownLatch(1);
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        int number = i;
        futures.add(
            threads.submit(
                () -> {
                  ready.countDown();
                  start.await();
                  return call.apply(number);
                }));
      }
      await(ready);
      start.countDown();
      List<T> answers = new ArrayList<>();
      for (Future<T> future : futures) {
        answers.add(get(future));
      }
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  /** The future's answer, within a bound that only a hang exceeds. */
  public static <T> T get(Future<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("a call of the race failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("a call of the race hangs", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Waits for a latch, within a bound that only a hang exceeds. */
  public static void await(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("the latch was never opened");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
