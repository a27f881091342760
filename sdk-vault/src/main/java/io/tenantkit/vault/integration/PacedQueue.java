package io.tenantkit.vault.integration;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Work for several providers, where each provider gets its next piece no sooner than a while after
 * its last. One that must wait holds up no other. Times are those of {@link System#nanoTime}. Not
 * safe for use by several threads.
 *
 * @param <T> a piece of work
 */
final class PacedQueue<T> {
  private final long apartNanos;
  private final Map<String, Queue<T>> lanes = new HashMap<>();
  private final Map<String, Long> readyAt = new HashMap<>();

  /** A piece of work, or how long to wait for one. */
  record Next<T>(Optional<T> work, long waitNanos) {}

  PacedQueue(long apartNanos) {
    this.apartNanos = apartNanos;
  }

  void add(String provider, T work) {
    lanes.computeIfAbsent(provider, any -> new ArrayDeque<>()).add(work);
  }

  boolean isEmpty() {
    return lanes.isEmpty();
  }

  void clear() {
    lanes.clear();
  }

  /** Empty without a wait when there is nothing. */
  Next<T> next(long now) {
    Map.@Nullable Entry<String, Queue<T>> soonest = null;
    long wait = Long.MAX_VALUE;
    for (Map.Entry<String, Queue<T>> lane : lanes.entrySet()) {
      Long ready = readyAt.get(lane.getKey());
      long each = ready == null ? 0 : ready - now;
      if (each < wait) {
        wait = each;
        soonest = lane;
      }
    }
    if (soonest == null) {
      return new Next<>(Optional.empty(), 0);
    }
    if (wait > 0) {
      return new Next<>(Optional.empty(), wait);
    }
    String provider = soonest.getKey();
    T work = soonest.getValue().remove();
    if (soonest.getValue().isEmpty()) {
      lanes.remove(provider);
    }
    readyAt.put(provider, now + apartNanos);
    return new Next<>(Optional.of(work), 0);
  }
}
