package io.tenantkit.vault.integration;

import io.tenantkit.TenantkitException;
import io.tenantkit.spi.DaemonThreads;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.IntegrationStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks what is due. Due work itself only gathers; a few threads of its own ask the providers,
 * each provider at its pace, so that a slow one holds up neither the others nor other due work.
 * Each check is claimed in the storage first, so of several nodes one does it, and when that one
 * dies it is due again.
 */
final class IntegrationVerifier implements Maintenance.Task, AutoCloseable {
  /** How often the storage is asked what is due. */
  static final Duration INTERVAL = Duration.ofMinutes(1);

  /** Longer than a check can take and be written. */
  static final Duration LEASE = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(IntegrationVerifier.class);
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "integration-checks");
  private static final int PAGE = 200;
  private static final int MOST = 2_000;

  private final Supplier<Instant> clock;
  private final IntegrationStore store;
  private final BiConsumer<TenantContext, IntegrationId> check;
  private final int atOnce;
  private final ThreadPoolExecutor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final PacedQueue<Due> queue;
  private CountDownLatch working = new CountDownLatch(0);
  private boolean closed;

  private record Due(TenantContext context, Integration row) {}

  IntegrationVerifier(
      Supplier<Instant> clock,
      IntegrationStore store,
      BiConsumer<TenantContext, IntegrationId> check,
      int atOnce,
      Duration pace) {
    this.clock = clock;
    this.store = store;
    this.check = check;
    this.atOnce = atOnce;
    this.queue = new PacedQueue<>(pace.toNanos());
    this.threads = DaemonThreads.queued("tenantkit-integration-checks", atOnce);
  }

  /** Gathers what is due, unless the last lot is not done. */
  @Override
  public void run(Instant now) {
    if (working().getCount() > 0) {
      return;
    }
    List<Due> due = new ArrayList<>();
    EachOrganization each = new EachOrganization();
    @Nullable String after = null;
    List<OrganizationId> ids;
    do {
      ids = store.organizationsDue(now, after, PAGE);
      for (OrganizationId id : ids) {
        after = id.value();
        each.attempt(() -> gather(id, now, due));
      }
    } while (ids.size() == PAGE && due.size() < MOST);
    start(due);
    each.end();
  }

  /** A page of each organization, so that none with very many keeps the others from their turn. */
  private void gather(OrganizationId id, Instant now, List<Due> due) {
    TenantContext context = TenantContext.trusted(id, ACTOR);
    store.due(context, now, null, PAGE).forEach(row -> due.add(new Due(context, row)));
  }

  private void start(List<Due> due) {
    lock.lock();
    try {
      if (closed || due.isEmpty()) {
        return;
      }
      due.forEach(each -> queue.add(each.row().provider(), each));
      int workers = Math.min(atOnce, due.size());
      working = new CountDownLatch(workers);
      for (int i = 0; i < workers; i++) {
        threads.execute(this::work);
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try {
      for (@Nullable Due due = next(); due != null; due = next()) {
        check(due);
      }
    } finally {
      working().countDown();
    }
  }

  private @Nullable Due next() {
    lock.lock();
    try {
      while (!closed) {
        PacedQueue.Next<Due> next = queue.next(System.nanoTime());
        if (next.work().isPresent()) {
          return next.work().get();
        }
        if (next.waitNanos() == 0) {
          return null;
        }
        long left = changed.awaitNanos(next.waitNanos());
        if (left > 0 && closed) {
          return null;
        }
      }
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void check(Due due) {
    try {
      Instant now = clock.get();
      if (store.claim(due.context(), due.row().id(), now, now.plus(LEASE))) {
        check.accept(due.context(), due.row().id());
      }
    } catch (RuntimeException e) {
      // It is due again when the claim ends. A code and no text: what fails may quote rows.
      LOG.warn(
          "the check of integration {} failed: {}",
          due.row().id(),
          e instanceof TenantkitException known ? known.code() : e.getClass().getName());
    }
  }

  private CountDownLatch working() {
    lock.lock();
    try {
      return working;
    } finally {
      lock.unlock();
    }
  }

  /** For tests: waits until what was gathered is done. */
  void await() throws InterruptedException {
    working().await();
  }

  /** Begins nothing more; a check under way ends with the way out, or by its time. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    threads.shutdown();
  }
}
