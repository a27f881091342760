package io.tenantkit.examples.tokenservice;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the service can do its work, found out at most once a second, whoever asks how often: it
 * is told to strangers. A storage that hangs is not waited for longer than two seconds, by at most
 * one thread.
 */
final class Readiness implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("token-service.readiness");
  private static final long FRESH_NANOS = 1_000_000_000L;
  private static final long PATIENCE_MILLIS = 2_000;

  private final Backend backend;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = new Thread(work, "token-service-readiness");
            made.setDaemon(true);
            return made;
          });
  private @Nullable CompletableFuture<Boolean> check;
  private long began;
  private boolean stopping;

  Readiness(Backend backend) {
    this.backend = backend;
  }

  boolean isReady() {
    try {
      return current().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private synchronized CompletableFuture<Boolean> current() {
    if (stopping) {
      return CompletableFuture.completedFuture(false);
    }
    CompletableFuture<Boolean> known = check;
    long now = System.nanoTime();
    if (known == null || (known.isDone() && now - began > FRESH_NANOS)) {
      known = CompletableFuture.supplyAsync(this::usable, thread);
      check = known;
      began = now;
    }
    return known;
  }

  private boolean usable() {
    try {
      backend.requireUsable();
      return true;
    } catch (RuntimeException e) {
      Failure.log(LOG, "readiness", e);
      return false;
    }
  }

  @Override
  public synchronized void close() {
    stopping = true;
    thread.shutdownNow();
  }
}
