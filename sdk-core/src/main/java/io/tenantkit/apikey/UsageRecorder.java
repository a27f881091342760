package io.tenantkit.apikey;

import io.tenantkit.TenantkitException;
import io.tenantkit.event.Events;
import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.spi.UsageStore;
import io.tenantkit.tenant.OrganizationId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the uses of keys off the storage and writes them every {@link #INTERVAL}, at the close,
 * and for what is counted after it, at once.
 *
 * <p>Exact: a use that was counted is written once, also when it is not known whether a batch was
 * committed, since a batch is given again under its own number until an answer came. A process that
 * is killed loses what it counted since its last write: one interval and the time that a write
 * takes. While the storage refuses writes, up to {@link #MOST_PENDING} keys wait; the uses of
 * further ones are given up and counted as lost.
 *
 * <p>{@link #record} takes a few nanoseconds and blocks only after the close; the rest blocks on
 * the storage. Safe for use by several threads.
 */
final class UsageRecorder {
  /** How often usage is written. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  /** How many keys may wait to be written. */
  static final int MOST_PENDING = 1_000_000;

  /** Of less time than this no rate is made. */
  private static final Duration SHORTEST_WATCH = Duration.ofSeconds(1);

  /** How many keys' habits are known. */
  private static final int MOST_WATCHED = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(UsageRecorder.class);
  private static final int CLOSING_ATTEMPTS = 3;

  /**
   * A cached key with the uses that were not written yet. It is on the recorder's list from its
   * first use until the next write, and so outlives its eviction from the cache.
   */
  abstract static class Counted extends VerifyCache.Hashed {
    private static final VarHandle USES;

    static {
      try {
        USES = MethodHandles.lookup().findVarHandle(Counted.class, "uses", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private @Nullable Counted next;
    private long lastMillis;

    @SuppressWarnings("UnusedVariable") // by the handle
    private volatile int uses;

    Counted(KeyHash hash) {
      super(hash);
    }

    abstract OrganizationId organization();

    abstract ApiKeyId id();

    /** Whether this is the first use since the last write. */
    private boolean use(long now) {
      // Two threads may write the earlier of two times that are a moment apart.
      if (now > lastMillis) {
        lastMillis = now;
      }
      return (int) USES.getAndAdd(this, 1) == 0;
    }

    private int take() {
      return (int) USES.getAndSet(this, 0);
    }
  }

  private record Key(OrganizationId organization, ApiKeyId id) {}

  private final UsageStore store;
  private final Metrics.Counter written;
  private final Metrics.Counter batches;
  private final Metrics.Counter lost;
  private final String node = UUID.randomUUID().toString();
  private final AtomicReference<@Nullable Counted> used = new AtomicReference<>();
  private final ReentrantLock writing = new ReentrantLock();
  private final Clock clock;
  private final Events events;
  private final UnusualUse unusual = new UnusualUse(MOST_WATCHED);
  private Instant collectedAt;
  private Map<Key, UsageBatch.Use> pending = new HashMap<>();

  /** A batch of which it is not known whether it was written. */
  private @Nullable UsageBatch unsettled;

  private long sequence;
  private volatile boolean closed;

  UsageRecorder(PlaneRuntime runtime) {
    this.store = runtime.coreStores().usage();
    this.written = runtime.metrics().counter(MeterNames.USAGE_KEYS);
    this.batches = runtime.metrics().counter(MeterNames.USAGE_BATCHES);
    this.lost = runtime.metrics().counter(MeterNames.USAGE_LOST);
    this.clock = runtime.clock();
    this.events = runtime.events();
    this.collectedAt = clock.instant();
    runtime.maintenance().every("usage.flush", INTERVAL, now -> flush());
  }

  /** Counts a use of this key at this time. */
  void record(Counted key, long now) {
    if (key.use(now)) {
      push(key);
      if (closed) {
        // Who was between its check and here while the plane closed.
        close();
      }
    }
  }

  private void push(Counted key) {
    Counted head;
    do {
      head = used.get();
      key.next = head;
    } while (!used.compareAndSet(head, key));
  }

  /**
   * Writes what was counted.
   *
   * @throws TenantkitException when the storage fails; then it is written later
   */
  void flush() {
    writing.lock();
    try {
      collect();
      write(false);
    } finally {
      writing.unlock();
    }
  }

  /** From the list into the map: what keeps a cached key from being collected is let go. */
  private void collect() {
    Instant now = clock.instant();
    Duration interval = Duration.between(collectedAt, now);
    collectedAt = now;
    Map<Key, Long> counted = new HashMap<>();
    Counted key = used.getAndSet(null);
    while (key != null) {
      // From the moment its count is taken, a use puts it on the list again.
      Counted next = key.next;
      key.next = null;
      long at = key.lastMillis;
      int count = key.take();
      counted.merge(new Key(key.organization(), key.id()), (long) count, Long::sum);
      add(
          new UsageBatch.Use(
              key.organization(),
              key.id(),
              count,
              Instant.ofEpochMilli(Math.max(at, key.lastMillis))));
      key = next;
    }
    watch(counted, interval, now);
  }

  /** What is unusual is told with the next delivery. A key that was cached twice is one key. */
  private void watch(Map<Key, Long> counted, Duration interval, Instant now) {
    if (interval.compareTo(SHORTEST_WATCH) >= 0) {
      counted.forEach(
          (key, count) ->
              unusual
                  .observe(key.organization(), key.id(), count, interval, now)
                  .ifPresent(events::publish));
    }
  }

  private void add(UsageBatch.Use use) {
    Key key = new Key(use.organization(), use.key());
    if (pending.size() < MOST_PENDING || pending.containsKey(key)) {
      pending.merge(key, use, UsageBatch.Use::plus);
    } else {
      lost.add(use.count());
    }
  }

  private void write(boolean patient) {
    List<UsageBatch.Use> held = new ArrayList<>();
    try {
      for (UsageBatch batch = next(patient); batch != null; batch = next(patient)) {
        unsettled = batch;
        List<UsageBatch.Use> leftOut = store.add(batch);
        unsettled = null;
        held.addAll(leftOut);
        batches.add(1);
        written.add(batch.uses().size() - leftOut.size());
      }
    } finally {
      held.forEach(this::add);
    }
  }

  private @Nullable UsageBatch next(boolean patient) {
    if (unsettled != null) {
      return new UsageBatch(node, unsettled.sequence(), patient, unsettled.uses());
    }
    if (pending.isEmpty()) {
      return null;
    }
    List<UsageBatch.Use> uses = new ArrayList<>();
    Iterator<UsageBatch.Use> waiting = pending.values().iterator();
    while (waiting.hasNext() && uses.size() < UsageBatch.MOST) {
      uses.add(waiting.next());
      waiting.remove();
    }
    return new UsageBatch(node, ++sequence, patient, uses);
  }

  /** Writes everything, waiting for rows that are held; what cannot be written is told. */
  void close() {
    closed = true;
    writing.lock();
    try {
      for (int attempt = 1; attempt <= CLOSING_ATTEMPTS; attempt++) {
        try {
          collect();
          // The last attempt leaves out what is held, so that it does not keep the rest.
          write(attempt < CLOSING_ATTEMPTS);
          break;
        } catch (TenantkitException e) {
          LOG.debug("usage was not written", e);
        }
      }
      giveUp();
    } finally {
      writing.unlock();
    }
  }

  private void giveUp() {
    long uses = pending.values().stream().mapToLong(UsageBatch.Use::count).sum();
    if (unsettled != null) {
      uses += unsettled.uses().stream().mapToLong(UsageBatch.Use::count).sum();
    }
    if (uses > 0) {
      lost.add(uses);
      LOG.warn("{} uses of keys could not be written before the close", uses);
      pending = new HashMap<>();
      unsettled = null;
    }
  }
}
