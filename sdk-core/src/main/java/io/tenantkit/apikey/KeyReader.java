package io.tenantkit.apikey;

import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.PlaneRuntime;
import java.net.InetAddress;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys that memory does not answer for: once for all callers who ask for the same hash at
 * the same time, and within the budget of {@link MissGuard}. Blocks on the storage. Safe for use by
 * several threads.
 */
final class KeyReader {
  /** How often a row is read again that was overtaken by the bound before it arrived. */
  private static final int READS = 3;

  /** Reading takes longer than the least bounds, and reading again would too. */
  private static final long LEAST_MILLIS = 100;

  /**
   * What is known of a hash.
   *
   * @param entry the key, when there is one
   * @param waitMillis more than zero when it was not looked up and will not be for so long
   */
  record Answer(@Nullable CachedKey entry, long waitMillis) {
    private static final Answer UNKNOWN = new Answer(null, 0);

    boolean held() {
      return waitMillis > 0;
    }
  }

  /** A read that others may wait for. */
  private static final class Flight extends CompletableFuture<Optional<CachedKey>> {
    private final long before;
    private final long beganAt;

    Flight(long before, long beganAt) {
      this.before = before;
      this.beganAt = beganAt;
    }
  }

  private final ApiKeyStore store;
  private final VerifyCache cache;
  private final Clock clock;
  private final MissGuard guard = new MissGuard();
  private final long staleMillis;
  private final boolean shared;
  private final ConcurrentMap<KeyHash, Flight> flights = new ConcurrentHashMap<>();
  private final Metrics.Timer time;
  private final Metrics.Counter negative;
  private final Metrics.Counter read;
  private final Metrics.Counter held;

  KeyReader(PlaneRuntime runtime, VerifyCache cache) {
    this.store = runtime.coreStores().apiKeys();
    this.cache = cache;
    this.clock = runtime.clock();
    this.staleMillis = Math.max(LEAST_MILLIS, runtime.revocationBound().toMillis());
    this.shared = !runtime.revocationBound().isZero();
    Metrics metrics = runtime.metrics();
    this.time = metrics.timer(MeterNames.LOOKUP_TIME);
    this.negative = metrics.counter(MeterNames.LOOKUPS, "answer", "negative");
    this.read = metrics.counter(MeterNames.LOOKUPS, "answer", "read");
    this.held = metrics.counter(MeterNames.LOOKUPS, "answer", "held");
  }

  /** For how long nothing is looked up from there; zero when something is. */
  long heldMillis(@Nullable InetAddress source, long now) {
    return guard.ask(source, now);
  }

  /**
   * What the storage, or a very fresh memory of its answer, knows of this hash. A row is as it was
   * when it was read, which with a slow storage is longer ago than a short bound.
   *
   * @param cached whether there is an entry of it that is merely too old
   */
  Answer read(KeyHash hash, boolean cached, @Nullable InetAddress source) {
    for (int reads = 1; ; reads++) {
      long now = clock.millis();
      if (cache.isUnknown(hash, now)) {
        negative.add(1);
        return Answer.UNKNOWN;
      }
      Flight flight = flights.get(hash);
      if (flight == null || !mayWaitFor(flight, hash, now)) {
        boolean known = cached || guard.isKnown(hash);
        long wait = known ? 0 : guard.ask(source, now);
        if (wait > 0) {
          held.add(1);
          return new Answer(null, wait);
        }
        Flight mine = new Flight(cache.epoch(), now);
        if (!takesOff(hash, flight, mine)) {
          // Another was faster, and its row will do.
          reads--;
          continue;
        }
        fly(mine, hash, source);
        flight = mine;
      }
      Optional<CachedKey> entry = await(flight);
      // The process may have been stopped since the row was read.
      if (clock.millis() - flight.beganAt < staleMillis || reads == READS) {
        return entry.map(found -> new Answer(found, 0)).orElse(Answer.UNKNOWN);
      }
    }
  }

  /** Whether this read is the one that others wait for, or nobody waits for anybody. */
  private boolean takesOff(KeyHash hash, @Nullable Flight before, Flight mine) {
    if (!shared) {
      return true;
    }
    return before == null
        ? flights.putIfAbsent(hash, mine) == null
        : flights.replace(hash, before, mine);
  }

  /** A row that was read before a change that this caller may know of is not for it. */
  private boolean mayWaitFor(Flight flight, KeyHash hash, long now) {
    return shared
        && !flight.isDone()
        && now - flight.beganAt < staleMillis
        && cache.isUnchanged(hash, flight.before);
  }

  private void fly(Flight flight, KeyHash hash, @Nullable InetAddress source) {
    try {
      long began = System.nanoTime();
      Optional<KeyLookup> row = store.lookup(hash);
      time.record(System.nanoTime() - began);
      read.add(1);
      // Only what is not found costs: a cold start behind one proxy is no attack.
      if (row.isPresent()) {
        guard.found(hash);
      } else {
        guard.take(source, flight.beganAt);
      }
      flight.complete(Optional.ofNullable(cache.fill(hash, row, flight.before, flight.beganAt)));
    } catch (RuntimeException | Error e) {
      flight.completeExceptionally(e);
    } finally {
      flights.remove(hash, flight);
    }
  }

  private static Optional<CachedKey> await(Flight flight) {
    try {
      return flight.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
