package io.tenantkit.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Ceiling;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keys that were found, for no longer than the revocation bound counted from before they were read.
 * The bound is checked when answering, so an entry cannot outlive it however long the process was
 * stopped.
 *
 * <p>A row read before a change must not get in here after it, not even for a moment: every
 * eviction advances {@code epoch}, and whoever finds, under the lock, that it moved while it was
 * reading keeps its entry to itself.
 *
 * <p>An entry is its own key in the map: what the look-up compares lies beside what verify reads
 * next, and neither a key object nor the step to it is needed. Equal scopes, organizations and
 * creators are shared between entries.
 */
final class VerifyCache {
  private static final long MAX_KEYS = 100_000;

  /** How many scope sets and texts are known to be shared with the next entry. */
  private static final int SHARED = 1_024;

  /** Equal to whatever has the same hash, be it a question or an entry. */
  static class Hashed {
    private final long a;
    private final long b;
    private final long c;
    private final long d;

    Hashed(KeyHash hash) {
      this.a = hash.a();
      this.b = hash.b();
      this.c = hash.c();
      this.d = hash.d();
    }

    @Override
    public final boolean equals(@Nullable Object other) {
      return other instanceof Hashed that
          && a == that.a
          && b == that.b
          && c == that.c
          && d == that.d;
    }

    @Override
    public final int hashCode() {
      // The bits are uniform already.
      return (int) a;
    }
  }

  /** A key as verify needs it, prepared once. */
  static final class Entry extends Hashed {
    private final long readAtMillis;
    private final long expiresAtMillis;
    private final ScopeSet scopes;
    private final Verdict.Valid valid;
    private final Organization.Status status;
    private final boolean awaitsFirstUse;

    /** Neither switched off nor revoked, and of an organization that works. */
    private final boolean usable;

    private Entry(
        KeyHash hash,
        Verdict.Valid valid,
        Organization.Status status,
        boolean awaitsFirstUse,
        long readAtMillis) {
      super(hash);
      ApiKey key = valid.key();
      this.readAtMillis = readAtMillis;
      // Cut to milliseconds, so a key is refused at most one millisecond early and never late.
      this.expiresAtMillis = key.expiresAt().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
      this.scopes = key.scopes();
      this.valid = valid;
      this.status = status;
      this.awaitsFirstUse = awaitsFirstUse;
      this.usable =
          key.enabled() && key.revocation().isEmpty() && status == Organization.Status.ACTIVE;
    }

    ApiKey key() {
      return valid.key();
    }

    Verdict.Valid valid() {
      return valid;
    }

    ScopeSet scopes() {
      return scopes;
    }

    Organization.Status status() {
      return status;
    }

    /** Whether its first use must be recorded before it counts. */
    boolean awaitsFirstUse() {
      return awaitsFirstUse;
    }

    boolean usable() {
      return usable;
    }

    long expiresAtMillis() {
      return expiresAtMillis;
    }
  }

  private final Cache<Hashed, Entry> entries = Caffeine.newBuilder().maximumSize(MAX_KEYS).build();
  private final AtomicLong epoch = new AtomicLong();
  private final ReentrantLock changing = new ReentrantLock();
  private final Shared<KeyGrants> grants = new Shared<>(SHARED);
  private final Shared<OrganizationId> organizations = new Shared<>(SHARED);
  private final Shared<String> creators = new Shared<>(SHARED);
  private final long boundMillis;

  VerifyCache(Duration bound) {
    this.boundMillis = bound.toMillis();
  }

  /** The entry of the key, however old. */
  @Nullable Entry get(KeyHash hash) {
    return entries.getIfPresent(new Hashed(hash));
  }

  /** Whether the entry may still answer at this time, which is read after the entry was got. */
  boolean mayAnswer(Entry entry, long now) {
    return now - entry.readAtMillis < boundMillis;
  }

  /** To be taken before the row is read that {@link #fill} is given. */
  long epoch() {
    return epoch.get();
  }

  /**
   * What was read of a key, for this call and, unless something was evicted since, for later ones.
   *
   * @param before the epoch from before the row was read
   * @param now the time from before the row was read
   */
  @Nullable Entry fill(KeyHash hash, Optional<KeyLookup> found, long before, long now) {
    if (found.isEmpty()) {
      entries.invalidate(new Hashed(hash));
      return null;
    }
    Entry fresh = entry(hash, found.get(), now);
    changing.lock();
    try {
      if (epoch.get() == before) {
        // The map would keep the old entry as the key of the new one.
        entries.invalidate(fresh);
        entries.put(fresh, fresh);
      }
    } finally {
      changing.unlock();
    }
    return fresh;
  }

  private Entry entry(KeyHash hash, KeyLookup found, long now) {
    ApiKey key = sharing(found.key());
    TenantContext tenant =
        TenantContext.trusted(key.organization(), new Actor(Actor.Kind.API_KEY, key.id().value()))
            .limitedTo(key.scopes())
            .within(key.mode().environments())
            .under(
                new Ceiling(
                    key.expiresAt(),
                    key.grants().limits(),
                    key.grants().credits(),
                    key.grants().addresses()));
    return new Entry(
        hash,
        new Verdict.Valid(key, tenant, List.of()),
        found.status(),
        found.awaitsFirstUse(),
        now);
  }

  /** The same key, made of what other keys are made of where that is equal. */
  private ApiKey sharing(ApiKey key) {
    return new ApiKey(
        key.id(),
        organizations.of(key.organization()),
        key.name(),
        key.description(),
        key.prefix(),
        key.mode(),
        grants.of(key.grants()),
        key.enabled(),
        creators.of(key.createdBy()),
        key.createdAt(),
        key.createdAt().equals(key.updatedAt()) ? key.createdAt() : key.updatedAt(),
        key.expiresAt(),
        key.revocation(),
        key.id().equals(key.family()) ? key.id() : key.family(),
        key.successor(),
        key.use(),
        key.version());
  }

  void evict(KeyHash hash) {
    change(() -> entries.invalidate(new Hashed(hash)));
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
