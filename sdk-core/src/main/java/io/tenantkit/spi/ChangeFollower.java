package io.tenantkit.spi;

import io.tenantkit.TenantkitException;
import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One control plane's follower of the change feed. Caches listen to it, and ask it up to when they
 * know of every change.
 *
 * <p>Invariant: once {@link #caughtUpMillis()} answers a time, every listener has been told of all
 * that was committed before it. The time is read before the poll is sent, so it is never later than
 * what the poll saw; a poll that fails moves nothing. Polls block on the database; the rest does
 * not. Safe for use by several threads.
 */
public final class ChangeFollower {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeFollower.class);

  /** How long changes are kept at least; a node that was away for longer forgets all it cached. */
  public static final Duration KEPT = Duration.ofHours(1);

  /** More than this at once is not worth naming: forgetting all is cheaper. */
  static final int MOST = 10_000;

  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(1);
  private static final Duration PRUNING = Duration.ofMinutes(10);

  /** Long before any time, without an overflow when a bound is taken off. */
  private static final long NEVER = Long.MIN_VALUE / 4;

  /** Is told of changes, on the thread that polls, and forgets what it holds of them. */
  public interface Listener {
    /** These changed, and perhaps not for the first time that it is said. */
    void changed(List<Change> changes);

    /** Anything may have changed. */
    void everythingChanged();
  }

  private final ChangeStore store;
  private final Clock clock;
  private final Metrics.Counter seen;
  private final Metrics.Counter resets;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock polling = new ReentrantLock();
  private ChangeStore.@Nullable Cursor cursor;
  private volatile long caughtUp = NEVER;

  /** Follows the feed of this store; {@link #start} makes it do so by itself. */
  public ChangeFollower(ChangeStore store, Clock clock, Metrics metrics) {
    this.store = store;
    this.clock = clock;
    this.seen = metrics.counter(MeterNames.CHANGES);
    this.resets = metrics.counter(MeterNames.CHANGE_RESETS);
    metrics.gauge(MeterNames.CHANGE_LAG, () -> caughtUp == NEVER ? -1 : clock.millis() - caughtUp);
  }

  /**
   * Polls now, so that everything is followed before anything is cached, then at least twice within
   * the bound and about once a second with the due work, and prunes the feed. A first poll that
   * fails is made up for. With a bound of zero nothing is cached, so nothing is followed.
   */
  public void start(Maintenance maintenance, Duration bound) {
    if (!bound.isZero()) {
      try {
        poll();
      } catch (TenantkitException e) {
        LOG.debug("the change feed cannot be read yet", e);
      }
      Duration half = bound.dividedBy(2);
      Duration interval = half.compareTo(LONGEST_INTERVAL) < 0 ? half : LONGEST_INTERVAL;
      maintenance.urgent(
          "changes.follow", interval.isZero() ? Duration.ofNanos(1) : interval, now -> poll());
    }
    maintenance.every("changes.prune", PRUNING, this::prune);
  }

  /** Tells this listener of what comes from now on; before the first poll, or it misses some. */
  public void listen(Listener listener) {
    listeners.add(listener);
  }

  /**
   * In milliseconds of the clock, the time before which everything that was committed has been
   * told; long past as long as no poll has succeeded. To be read before the cached thing is got
   * whose age is judged by it: afterwards it may speak of a newer state than what was got.
   */
  public long caughtUpMillis() {
    return caughtUp;
  }

  /** Asks the feed once and tells the listeners. */
  public void poll() {
    polling.lock();
    try {
      long before = clock.millis();
      Changes changes = store.since(cursor, MOST);
      if (changes.everything()) {
        resets.add(1);
        listeners.forEach(Listener::everythingChanged);
      } else if (!changes.changes().isEmpty()) {
        seen.add(changes.changes().size());
        listeners.forEach(listener -> listener.changed(changes.changes()));
      }
      // After the listeners: one that throws leaves the cursor, so it is told again.
      cursor = changes.cursor();
      caughtUp = before;
    } finally {
      polling.unlock();
    }
  }

  private void prune(Instant now) {
    store.prune(now, KEPT);
  }
}
