package io.tenantkit.ratelimit;

import io.tenantkit.TenantkitException;
import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import io.tenantkit.spi.DaemonThreads;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Ended;
import io.tenantkit.spi.RateLimitStore.Take;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches leases ahead of need on one daemon thread, which ends when it has nothing to do, and
 * gives back what is unused. Safe for use by several threads.
 */
final class LeaseKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
  private static final long CLOSING_SECONDS = 10;

  private final DefaultRateLimiter limiter;
  private final RateLimitStore store;
  private final String node;
  private final Metrics.Counter leased;
  private final Metrics.Counter returned;
  private final Executor thread;

  LeaseKeeper(
      DefaultRateLimiter limiter,
      RateLimitStore store,
      String node,
      Metrics metrics,
      Executor thread) {
    this.limiter = limiter;
    this.store = store;
    this.node = node;
    this.leased = metrics.counter(MeterNames.LIMIT_LEASED);
    this.returned = metrics.counter(MeterNames.LIMIT_RETURNED);
    this.thread = thread;
  }

  /** One daemon thread, which ends when it has nothing to do. */
  static Executor newThread() {
    return DaemonThreads.queued("tenantkit-limits", 1);
  }

  /** The limit's leases say that somebody fetches; this is who. */
  void fetchLater(LimitEntry entry) {
    try {
      thread.execute(() -> fetch(entry));
    } catch (RejectedExecutionException e) {
      // Closing: nothing is fetched any more.
      synchronized (entry.group()) {
        BoundLimits.leases(entry).endFetch();
      }
    }
  }

  private void fetch(LimitEntry entry) {
    LimitGroup group = entry.group();
    HeldLeases leases = BoundLimits.leases(entry);
    long number = limiter.nextLease();
    long slice;
    synchronized (group) {
      slice = leases.slice();
    }
    boolean known = false;
    try {
      giveBack(group, false);
      long sent = limiter.steady();
      Answer answer =
          limiter.take(
              group.organization(),
              List.of(new Take(group.subject(), entry.limit(), 0, slice)),
              Optional.empty(),
              number);
      long granted = answer.limits().get(0).leased();
      synchronized (group) {
        leases.add(limiter.lease(number, granted, sent), limiter.steady());
      }
      known = true;
      leased.add(granted);
    } catch (TenantkitException e) {
      // The calls themselves will find out, and do as each limit says.
      LOG.debug("no lease could be fetched", e);
    } finally {
      synchronized (group) {
        leases.endFetch();
        if (!known) {
          leases.unknown(number);
        }
      }
    }
  }

  /** Gives back what is used up or grows old. */
  void giveBackOld() {
    for (LimitGroup group : limiter.groups()) {
      giveBack(group, false);
    }
  }

  private void giveBack(LimitGroup group, boolean all) {
    List<HeldLeases> each = new ArrayList<>();
    List<Ended> ended = new ArrayList<>();
    synchronized (group) {
      for (HeldLeases leases : group.allLeases()) {
        each.add(leases);
        ended.addAll(leases.drain(group.organization(), group.subject(), limiter.steady(), all));
      }
    }
    if (ended.isEmpty()) {
      return;
    }
    boolean done = false;
    try {
      store.end(node, ended, limiter.runtime().now());
      done = true;
      returned.add(ended.size());
    } finally {
      if (!done) {
        synchronized (group) {
          each.forEach(leases -> leases.restore(ended));
        }
      }
    }
  }

  /** Gives everything back. A storage that fails now writes it off when the leases end. */
  void close() {
    if (thread instanceof ExecutorService service) {
      stop(service);
    }
    for (LimitGroup group : limiter.groups()) {
      try {
        giveBack(group, true);
      } catch (TenantkitException e) {
        LOG.debug("leases could not be given back", e);
      }
    }
  }

  private static void stop(ExecutorService service) {
    service.shutdown();
    try {
      if (!service.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
        LOG.debug("a lease is still being fetched");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
