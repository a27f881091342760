package io.tenantkit.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys that were found, for no longer than the revocation bound counted from before they were read.
 * The bound is checked when answering, so an entry cannot outlive it however long the process was
 * stopped.
 *
 * <p>A row read before a change must not get in here after it, not even for a moment: every
 * eviction advances {@code epoch}, and whoever finds, under the lock, that it moved while it was
 * reading keeps its entry to itself.
 */
final class VerifyCache {
  private static final long MAX_KEYS = 100_000;

  /** A key as verify needs it, prepared once. */
  record Entry(
      ApiKey key,
      Organization.Status status,
      Verdict.Valid valid,
      long expiresAtMillis,
      long readAtMillis) {

    static Entry of(KeyLookup found, long readAtMillis) {
      ApiKey key = found.key();
      TenantContext tenant =
          TenantContext.trusted(
                  key.organization(),
                  new io.tenantkit.tenant.Actor(
                      io.tenantkit.tenant.Actor.Kind.API_KEY, key.id().value()))
              .limitedTo(key.scopes())
              .within(key.mode().environments());
      // Cut to milliseconds, so a key is refused at most one millisecond early and never late.
      long expiresAt = key.expiresAt().map(java.time.Instant::toEpochMilli).orElse(Long.MAX_VALUE);
      return new Entry(
          key, found.status(), new Verdict.Valid(key, tenant), expiresAt, readAtMillis);
    }
  }

  private final Cache<KeyHash, Entry> entries = Caffeine.newBuilder().maximumSize(MAX_KEYS).build();
  private final AtomicLong epoch = new AtomicLong();
  private final ReentrantLock changing = new ReentrantLock();
  private final Clock clock;
  private final long boundMillis;

  VerifyCache(Clock clock, Duration bound) {
    this.clock = clock;
    this.boundMillis = bound.toMillis();
  }

  @Nullable Entry get(KeyHash hash, Supplier<Optional<KeyLookup>> read) {
    Entry cached = entries.getIfPresent(hash);
    long now = clock.millis();
    if (cached != null && now - cached.readAtMillis() < boundMillis) {
      return cached;
    }
    return fill(hash, read, now);
  }

  private @Nullable Entry fill(KeyHash hash, Supplier<Optional<KeyLookup>> read, long now) {
    long before = epoch.get();
    Optional<KeyLookup> found = read.get();
    if (found.isEmpty()) {
      entries.invalidate(hash);
      return null;
    }
    Entry fresh = Entry.of(found.get(), now);
    changing.lock();
    try {
      if (epoch.get() == before) {
        entries.put(hash, fresh);
      }
    } finally {
      changing.unlock();
    }
    return fresh;
  }

  void evict(KeyHash hash) {
    change(() -> entries.invalidate(hash));
  }

  void evict(OrganizationId organization) {
    change(
        () ->
            entries
                .asMap()
                .values()
                .removeIf(entry -> entry.key().organization().equals(organization)));
  }

  /** Forgets all, also what is being read meanwhile. */
  void clear() {
    change(entries::invalidateAll);
  }

  private void change(Runnable eviction) {
    changing.lock();
    try {
      epoch.incrementAndGet();
      eviction.run();
    } finally {
      changing.unlock();
    }
  }
}
