package io.tenantkit.token;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of one organization that wait to be written. What was taken into a batch is given
 * under the same rows until it is known to be written, so none is written twice.
 *
 * <p>{@link #add} takes a few dozen nanoseconds; only when too many wait, or for too long, does it
 * write first. Safe for use by several threads.
 */
final class LedgerQueue {
  /** How many tokens of one organization may wait. */
  static final int MOST = 50_000;

  /** How many of all organizations together may. */
  static final int MOST_OF_ALL = 200_000;

  /** How long the oldest may wait before no more are taken. */
  static final Duration LONGEST = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(LedgerQueue.class);
  private static final long LONGEST_MILLIS = LONGEST.toMillis();
  private static final long NOTHING = Long.MAX_VALUE;

  private final OrganizationId organization;
  private final TokenLedgerStore store;
  private final Function<LedgerEntry, AuditEvent> events;
  private final AtomicInteger ofAll;

  private final ReentrantLock adding = new ReentrantLock();
  private List<LedgerEntry> waiting = new ArrayList<>();
  private volatile long oldestMillis = NOTHING;

  private final ReentrantLock writing = new ReentrantLock();
  private final List<List<LedgerEntry>> taken = new ArrayList<>();

  /** The events of the first batch that was taken, once it was given. */
  private @Nullable List<AuditEvent> told;

  private final AtomicInteger unwritten = new AtomicInteger();

  LedgerQueue(
      OrganizationId organization,
      TokenLedgerStore store,
      Function<LedgerEntry, AuditEvent> events,
      AtomicInteger ofAll) {
    this.organization = organization;
    this.store = store;
    this.events = events;
    this.ofAll = ofAll;
  }

  /**
   * Takes a token.
   *
   * @return how many wait now
   * @throws StorageException when too many wait, or the oldest for too long
   */
  int add(LedgerEntry entry, long nowMillis) {
    if (isFull(nowMillis) && !relieve(nowMillis)) {
      throw new StorageException(
          ErrorCode.STORAGE_UNAVAILABLE, "tokens that were issued could not be written in time");
    }
    adding.lock();
    try {
      waiting.add(entry);
      if (oldestMillis == NOTHING) {
        oldestMillis = nowMillis;
      }
      ofAll.incrementAndGet();
      return unwritten.incrementAndGet();
    } finally {
      adding.unlock();
    }
  }

  private boolean isFull(long nowMillis) {
    return unwritten.get() >= MOST
        || ofAll.get() >= MOST_OF_ALL
        || (oldestMillis != NOTHING && nowMillis - oldestMillis > LONGEST_MILLIS);
  }

  /** Whether there is room after all. While somebody else writes there is none. */
  private boolean relieve(long nowMillis) {
    if (!writing.tryLock()) {
      return false;
    }
    try {
      write();
    } catch (RuntimeException e) {
      LOG.debug("issued tokens were not written", e);
      return false;
    } finally {
      writing.unlock();
    }
    return !isFull(nowMillis);
  }

  boolean isEmpty() {
    return unwritten.get() == 0;
  }

  /** Writes all that waits when it is called. */
  void flush() {
    writing.lock();
    try {
      write();
    } finally {
      writing.unlock();
    }
  }

  private void write() {
    take();
    while (!taken.isEmpty()) {
      List<LedgerEntry> batch = taken.get(0);
      if (told == null) {
        told = batch.stream().map(events).toList();
      }
      try {
        requireThere(store.append(DenialBook.own(organization), batch, told), batch.get(0));
      } catch (TenantkitException e) {
        if (!(e instanceof NotFoundException) && e.code() != ErrorCode.ORGANIZATION_ERASED) {
          throw e;
        }
        LOG.warn("{} issued tokens of an organization that is gone were dropped", batch.size());
      }
      told = null;
      taken.remove(0);
      settled(batch.size());
    }
  }

  /** A batch is refused for being there already, after an answer that was lost; or for a fault. */
  private void requireThere(boolean written, LedgerEntry first) {
    if (!written
        && store.find(DenialBook.own(organization), first.issuer(), first.id()).isEmpty()) {
      throw new StorageException(
          ErrorCode.STORAGE_FAILED, "tokens that were issued could not be written");
    }
  }

  private void take() {
    List<LedgerEntry> all;
    adding.lock();
    try {
      all = waiting;
      if (all.isEmpty()) {
        return;
      }
      waiting = new ArrayList<>();
    } finally {
      adding.unlock();
    }
    for (int from = 0; from < all.size(); from += TokenLedgerStore.MOST) {
      taken.add(all.subList(from, Math.min(all.size(), from + TokenLedgerStore.MOST)));
    }
  }

  private void settled(int count) {
    adding.lock();
    try {
      unwritten.addAndGet(-count);
      ofAll.addAndGet(-count);
      oldestMillis =
          !taken.isEmpty()
              ? taken.get(0).get(0).issuedAt().toEpochMilli()
              : waiting.isEmpty() ? NOTHING : waiting.get(0).issuedAt().toEpochMilli();
    } finally {
      adding.unlock();
    }
  }
}
