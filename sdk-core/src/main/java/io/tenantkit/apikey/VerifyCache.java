package io.tenantkit.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tenantkit.InvalidInputException;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeFollower;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys that were found, and hashes that were not. A key answers as long as what is known of it is
 * younger than the revocation bound: since its row was read or, when that is later, since the
 * change feed was last known whole, for the feed evicts whatever changed. The bound is checked when
 * answering, so an entry cannot outlive it however long the process was stopped, and a feed that is
 * dead leaves each entry the bound from its own reading.
 *
 * <p>A row read before a change must not get in here after it, not even for a moment: every change
 * has a number, the last of each group of hashes and of organizations is kept, and whoever finds,
 * under the lock, that one of its own came while it was reading keeps its entry to itself. A change
 * of other keys hinders nobody, so a busy feed does not keep keys out.
 *
 * <p>An entry is its own key in the map: what the look-up compares lies beside what verify reads
 * next, and neither a key object nor the step to it is needed. Equal grants and organizations are
 * shared between entries.
 */
final class VerifyCache implements ChangeFollower.Listener {
  /** What the entries may weigh together, in bytes as far as can be told: 100,000 keys and more. */
  private static final long MAX_WEIGHT = 80L << 20;

  /** What an entry weighs without its texts, and with the counts of its limits. */
  private static final int ENTRY_WEIGHT = 400;

  /** How many unknown hashes are remembered. They have a place of their own, so evict no key. */
  private static final long MAX_UNKNOWN = 10_000;

  /** Groups of hashes, and of organizations, that changes are told apart by; a power of two. */
  private static final int GROUPS = 1_024;

  /** How many grants, and organizations, are known to be shared with the next entry. */
  private static final int SHARED = 8_192;

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

  private final Cache<Hashed, CachedKey> entries =
      Caffeine.newBuilder().maximumWeight(MAX_WEIGHT).weigher(VerifyCache::weigh).build();

  /** When each was looked up in vain. */
  private final Cache<Hashed, Long> unknown =
      Caffeine.newBuilder().maximumSize(MAX_UNKNOWN).build();

  private final ReentrantLock changing = new ReentrantLock();
  private final AtomicLong change = new AtomicLong();
  private final AtomicLongArray changedHashes = new AtomicLongArray(GROUPS);
  private final AtomicLongArray changedOrganizations = new AtomicLongArray(GROUPS);
  private volatile long changedAnyOrganization;
  private volatile long changedEverything;
  private final Shared<KeyGrants> grants = new Shared<>(SHARED);
  private final Shared<OrganizationId> organizations = new Shared<>(SHARED);
  private final long boundMillis;
  private final LongSupplier caughtUp;
  private final RateLimiter limiter;

  /**
   * @param bound how old an answer may be
   * @param caughtUp in milliseconds, up to when every change was told to this cache
   * @param limiter counts for the keys
   */
  VerifyCache(Duration bound, LongSupplier caughtUp, RateLimiter limiter) {
    this.limiter = limiter;
    this.boundMillis = bound.toMillis();
    this.caughtUp = caughtUp;
  }

  private static int weigh(Hashed key, CachedKey entry) {
    KeyGrants grants = entry.grants();
    return ENTRY_WEIGHT
        + entry.packedLength()
        + entry.organization().value().length()
        + 64 * grants.scopes().toList().size()
        + 64 * grants.limits().size()
        + 64 * grants.addresses().toList().size();
  }

  /**
   * Up to when every change was told here. To be read before the entry is got that it is to speak
   * for: whoever reads it afterwards may hold an entry that was evicted in between.
   */
  long asOf() {
    return caughtUp.getAsLong();
  }

  /** The entry of the key, however old. */
  @Nullable CachedKey get(KeyHash hash) {
    return entries.getIfPresent(new Hashed(hash));
  }

  /**
   * Whether the entry may answer at this time.
   *
   * @param asOf read before the entry was got
   * @param now read after it, and as late as can be
   */
  boolean mayAnswer(CachedKey entry, long asOf, long now) {
    return now - Math.max(entry.readAtMillis(), asOf) < boundMillis;
  }

  /** Whether it was looked up in vain no longer ago than the bound. */
  boolean isUnknown(KeyHash hash, long now) {
    Long readAt = unknown.getIfPresent(new Hashed(hash));
    return readAt != null && now - readAt < boundMillis;
  }

  /** To be taken before the row is read that {@link #fill} is given. */
  long epoch() {
    return change.get();
  }

  /** Whether nothing was evicted since that could be this key. */
  boolean isUnchanged(KeyHash hash, long before) {
    return changedHashes.get(group(hash)) <= before
        && changedAnyOrganization <= before
        && changedEverything <= before;
  }

  private boolean isUnchanged(KeyHash hash, OrganizationId organization, long before) {
    return changedHashes.get(group(hash)) <= before
        && changedOrganizations.get(group(organization)) <= before
        && changedEverything <= before;
  }

  private static int group(KeyHash hash) {
    return hash.hashCode() & (GROUPS - 1);
  }

  private static int group(OrganizationId organization) {
    int hash = organization.hashCode();
    return (hash ^ hash >>> 16) & (GROUPS - 1);
  }

  /**
   * What was read of a key, for this call and, unless it was evicted since, for later ones.
   *
   * @param before the epoch from before the row was read
   * @param now the time from before the row was read
   */
  @Nullable CachedKey fill(KeyHash hash, Optional<KeyLookup> found, long before, long now) {
    Hashed place = new Hashed(hash);
    CachedKey fresh = found.map(lookup -> entry(hash, lookup, now)).orElse(null);
    changing.lock();
    try {
      // The map would keep the old entry as the key of the new one.
      entries.invalidate(place);
      if (fresh == null) {
        if (isUnchanged(hash, before)) {
          unknown.put(place, now);
        }
      } else if (isUnchanged(hash, fresh.organization(), before)) {
        entries.put(fresh, fresh);
        unknown.invalidate(place);
      }
    } finally {
      changing.unlock();
    }
    return fresh;
  }

  private CachedKey entry(KeyHash hash, KeyLookup found, long now) {
    ApiKey key = sharing(found.key());
    return new CachedKey(hash, key, found, prepare(key, found.pool()), now);
  }

  private @Nullable PreparedLimits prepare(ApiKey key, List<RateLimit> pool) {
    Limits own = new Limits(key.grants().limits(), key.grants().credits());
    return own.isEmpty() && pool.isEmpty()
        ? null
        : limiter.prepare(new LimitSubject(key.organization(), key.family().value()), own, pool);
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
        key.createdBy(),
        key.createdAt(),
        key.createdAt().equals(key.updatedAt()) ? key.createdAt() : key.updatedAt(),
        key.expiresAt(),
        key.revocation(),
        key.id().equals(key.family()) ? key.id() : key.family(),
        key.successor(),
        KeyUse.never(),
        key.version());
  }

  void evict(KeyHash hash) {
    change(number -> forget(hash, number));
  }

  void evict(OrganizationId organization) {
    change(number -> forget(Set.of(organization), number));
  }

  /** Forgets all, also what is being read meanwhile. */
  void clear() {
    change(
        number -> {
          changedEverything = number;
          entries.invalidateAll();
          unknown.invalidateAll();
        });
  }

  @Override
  public void everythingChanged() {
    clear();
  }

  @Override
  public void changed(List<Change> changes) {
    Set<KeyHash> hashes = new HashSet<>();
    Set<OrganizationId> suspects = new HashSet<>();
    try {
      for (Change each : changes) {
        switch (each.kind()) {
          case Change.API_KEY -> hashes.add(KeyHash.parse(each.subject()));
          case Change.ORGANIZATION -> suspects.add(OrganizationId.of(each.subject()));
          default -> {
            // Of no concern to keys.
          }
        }
      }
    } catch (InvalidInputException e) {
      // Somebody wrote to the feed by hand; it must neither be missed nor come back for ever.
      clear();
      return;
    }
    change(
        number -> {
          hashes.forEach(hash -> forget(hash, number));
          if (!suspects.isEmpty()) {
            forget(suspects, number);
          }
        });
  }

  private void forget(KeyHash hash, long number) {
    changedHashes.set(group(hash), number);
    Hashed place = new Hashed(hash);
    entries.invalidate(place);
    unknown.invalidate(place);
  }

  private void forget(Set<OrganizationId> suspects, long number) {
    changedAnyOrganization = number;
    suspects.forEach(each -> changedOrganizations.set(group(each), number));
    entries.asMap().values().removeIf(entry -> suspects.contains(entry.organization()));
  }

  private void change(LongConsumer eviction) {
    changing.lock();
    try {
      eviction.accept(change.incrementAndGet());
    } finally {
      changing.unlock();
    }
  }
}
