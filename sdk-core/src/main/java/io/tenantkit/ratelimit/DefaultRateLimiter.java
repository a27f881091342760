package io.tenantkit.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import io.tenantkit.ratelimit.RateLimit.Mode;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Spend;
import io.tenantkit.spi.RateLimitStore.Take;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Holds the groups of a process, and asks the storage. */
final class DefaultRateLimiter implements RateLimiter {
  /** How long the database lets a lease be used. */
  static final Duration LEASE = Duration.ofSeconds(4);

  /** How long the node uses it: less, for counters that run at different speeds. */
  private static final long LEASE_HERE = LEASE.toNanos() / 10 * 9;

  /** After the storage could not be reached, how long it is not asked again. */
  private static final long PAUSE = 250_000_000L;

  private static final Duration RETURN_EVERY = Duration.ofMillis(500);
  private static final Duration DROP_EVERY = Duration.ofMinutes(1);
  private static final Duration CLEAN_EVERY = Duration.ofMinutes(10);
  private static final int CLEAN_AT_ONCE = 1_000;
  private static final int CLEAN_ROUNDS = 100;

  /** How many different sets of limits are kept once for all who have them. */
  private static final int SHAPES = 1_024;

  private final PlaneRuntime runtime;
  private final RateLimitStore store;
  private final LongSupplier steadyNanos;
  private final String node;
  private final AtomicLong leaseNumbers = new AtomicLong();
  private final Map<LimitGroup, LimitGroup> groups = new ConcurrentHashMap<>();
  private final Cache<LimitShape.Wanted, LimitShape> shapes =
      Caffeine.newBuilder().maximumSize(SHAPES).build();
  private final LeaseKeeper leases;
  private final Metrics.Counter failedOpen;
  private final Metrics.Counter failedClosed;
  private final Metrics.Timer time;
  private volatile long pausedUntil;

  private DefaultRateLimiter(
      PlaneRuntime runtime, RateLimitStore store, LongSupplier steadyNanos, Executor fetching) {
    this.runtime = runtime;
    this.store = store;
    this.steadyNanos = steadyNanos;
    this.node = runtime.ids().next("node");
    this.pausedUntil = steadyNanos.getAsLong();
    this.leases = new LeaseKeeper(this, store, node, runtime.metrics(), fetching);
    this.failedOpen = runtime.metrics().counter(MeterNames.LIMIT_FAILURES, "answer", "open");
    this.failedClosed = runtime.metrics().counter(MeterNames.LIMIT_FAILURES, "answer", "closed");
    this.time = runtime.metrics().timer(MeterNames.LIMIT_TIME);
    runtime.metrics().gauge(MeterNames.LIMIT_SUBJECTS, groups::size);
  }

  static DefaultRateLimiter of(PlaneRuntime runtime) {
    return of(
        runtime, runtime.coreStores().rateLimits(), System::nanoTime, LeaseKeeper.newThread());
  }

  static DefaultRateLimiter of(
      PlaneRuntime runtime, RateLimitStore store, LongSupplier steadyNanos, Executor fetching) {
    DefaultRateLimiter limiter = new DefaultRateLimiter(runtime, store, steadyNanos, fetching);
    runtime
        .maintenance()
        .urgent("limits.leases", RETURN_EVERY, now -> limiter.leases.giveBackOld());
    runtime.maintenance().every("limits.idle", DROP_EVERY, now -> limiter.dropIdle());
    runtime
        .maintenance()
        .every(
            "limits.clean",
            CLEAN_EVERY,
            now -> {
              boolean more = true;
              for (int round = 0; more && round < CLEAN_ROUNDS; round++) {
                more = limiter.store.removeIdle(CLEAN_AT_ONCE, now) == CLEAN_AT_ONCE;
              }
            });
    runtime.onClose().accept(limiter.leases::close);
    return limiter;
  }

  @Override
  public PreparedLimits prepare(LimitSubject subject, Limits key, List<RateLimit> pool) {
    LimitShape.Wanted wanted =
        new LimitShape.Wanted(key, new Limits(pool, Optional.empty()).rates());
    LimitShape shape =
        Objects.requireNonNull(shapes.get(wanted, fresh -> LimitShape.of(this, fresh)));
    return shape.isLocal()
        ? new LocalLimits(subject, shape)
        : new StoredLimits(this, subject, shape);
  }

  BoundLimits bind(LimitSubject subject, LimitShape shape) {
    LimitGroup own = ownGroup(LimitGroup.of(subject.organization(), subject.family()), shape);
    LimitGroup pool = poolGroup(own, shape);
    LimitEntry[] entries = new LimitEntry[shape.facts().size()];
    for (int i = 0; i < entries.length; i++) {
      LimitFacts facts = shape.facts().get(i);
      LimitGroup group = shape.isOwn(i) ? own : pool;
      RateLimit rate = facts.limit();
      synchronized (group) {
        entries[i] =
            new LimitEntry(
                facts,
                group,
                rate.mode() == Mode.LOCAL ? group.bucket(rate.name()) : null,
                rate.mode() == Mode.LEASED ? group.leases(rate) : null);
      }
    }
    return new BoundLimits(this, subject, own, pool, entries, shape.key().credits());
  }

  /**
   * The group of the key's own limits; a subject without limits needs no state that is kept.
   *
   * @param fresh a group of this subject without state
   */
  LimitGroup ownGroup(LimitGroup fresh, LimitShape shape) {
    return shape.key().rates().isEmpty() ? fresh : kept(fresh);
  }

  /** The group of the organization's limits, or the key's own when it has none. */
  LimitGroup poolGroup(LimitGroup own, LimitShape shape) {
    return shape.pool().isEmpty()
        ? own
        : kept(LimitGroup.of(own.organization(), RateLimitStore.POOL));
  }

  private LimitGroup kept(LimitGroup fresh) {
    return groups.computeIfAbsent(fresh, Function.identity());
  }

  /** Forgets whoever has all of its limits back; their next call begins anew, which is the same. */
  void dropIdle() {
    long now = now();
    for (LimitGroup group : List.copyOf(groups.values())) {
      synchronized (group) {
        if (group.retireWhenIdle(now)) {
          groups.remove(group, group);
        }
      }
    }
  }

  Iterable<LimitGroup> groups() {
    return groups.values();
  }

  int subjects() {
    return groups.size();
  }

  LeaseKeeper leases() {
    return leases;
  }

  long steady() {
    return steadyNanos.getAsLong();
  }

  long now() {
    return RateLimiter.nanos(runtime.now());
  }

  PlaneRuntime runtime() {
    return runtime;
  }

  long nextLease() {
    return leaseNumbers.incrementAndGet();
  }

  /** A lease that was granted in answer to a request sent then. */
  HeldLeases.Lease lease(long number, long granted, long sent) {
    return new HeldLeases.Lease(number, granted, sent, sent + LEASE_HERE);
  }

  void fetchLater(LimitEntry entry) {
    leases.fetchLater(entry);
  }

  void countFailed(boolean open) {
    (open ? failedOpen : failedClosed).add(1);
  }

  /**
   * Asks the storage.
   *
   * @throws TenantkitException also while a storage that could not be reached is left alone, so
   *     that a database that is down does not hold every call for as long as it takes to notice
   */
  Answer take(OrganizationId organization, List<Take> takes, Optional<Spend> spend, long number) {
    if (pausedUntil - steady() > 0) {
      throw new StorageException(
          ErrorCode.STORAGE_UNAVAILABLE, "the database could not be reached a moment ago");
    }
    long sent = steady();
    try {
      return store.take(
          organization, takes, spend, new RateLimitStore.Lease(node, number, LEASE), runtime.now());
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.STORAGE_UNAVAILABLE) {
        pausedUntil = steady() + PAUSE;
      }
      throw e;
    } finally {
      time.record(steady() - sent);
    }
  }
}
