package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.ServerKeys;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who has the key of a public id, and that nobody has it: bounded in number, and no older than the
 * bound. Strangers who name ever new keys cost at most {@value #MISSES_PER_SECOND} look-ups a
 * second, and drive out nobody who is known. Safe for use by several threads.
 */
final class KeyOwners {
  /** How many organizations with keys of the same public id are tried. */
  static final int MOST_OWNERS = 500;

  static final int MISSES_PER_SECOND = 200;

  private static final int ENTRIES = 10_000;
  private static final long SECOND = 1_000;

  private record Known(List<Owner> owners, long atMillis) {}

  private final Function<String, List<Owner>> lookup;
  private final LongSupplier millis;
  private final long boundMillis;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Long> misses = new ArrayDeque<>();
  private final Map<String, Known> entries = bounded();

  /** Keys that nobody has. */
  private final Map<String, Known> strangers = bounded();

  private static Map<String, Known> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
        return size() > ENTRIES;
      }
    };
  }

  KeyOwners(Function<String, List<Owner>> lookup, LongSupplier millis, Duration bound) {
    this.lookup = lookup;
    this.millis = millis;
    this.boundMillis = bound.toMillis();
  }

  /** Over the storage, as long as the plane's revocation bound allows. */
  static KeyOwners of(PlaneRuntime runtime, ServerKeys keys) {
    return new KeyOwners(
        apiKey -> keys.owners(apiKey, null, MOST_OWNERS),
        runtime.clock()::millis,
        runtime.revocationBound());
  }

  /** Null when too many unknown ones were asked for of late. */
  @Nullable List<Owner> of(String apiKey) {
    // Before the storage is asked: what it answers is at least that new.
    long now = millis.getAsLong();
    lock.lock();
    try {
      Known known = entries.get(apiKey);
      Known entry = known != null ? known : strangers.get(apiKey);
      if (entry != null && now - entry.atMillis() < boundMillis) {
        return entry.owners();
      }
      if (known == null) {
        if (isSpent(now)) {
          return null;
        }
        // Before it is looked up: many at once are many all the same.
        misses.add(now);
      }
    } finally {
      lock.unlock();
    }
    List<Owner> owners = lookup.apply(apiKey);
    lock.lock();
    try {
      entries.remove(apiKey);
      strangers.remove(apiKey);
      (owners.isEmpty() ? strangers : entries).put(apiKey, new Known(owners, now));
      if (!owners.isEmpty()) {
        misses.removeLastOccurrence(now);
      }
    } finally {
      lock.unlock();
    }
    return owners;
  }

  private boolean isSpent(long now) {
    while (!misses.isEmpty() && now - misses.peek() >= SECOND) {
      misses.remove();
    }
    return misses.size() >= MISSES_PER_SECOND;
  }

  /** Forgets what is known of a key. */
  void forget(String apiKey) {
    lock.lock();
    try {
      entries.remove(apiKey);
      strangers.remove(apiKey);
    } finally {
      lock.unlock();
    }
  }
}
