package io.tenantkit.vault;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.crypto.OrganizationKeyEnvelope;
import io.tenantkit.vault.crypto.WrappedOrganizationKey;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of organizations: makes an organization's first key when it is first needed, and keeps
 * unwrapped keys for a few minutes, bounded in number, and wipes each that it lets go.
 *
 * <p>The cache is keyed by the key's random id, never by its number: a key that was made inside a
 * joined transaction which then rolled back is in no row, so nothing asks for it again.
 */
final class OrganizationKeyRing {
  private static final long MAX_KEYS = 10_000;
  private static final Duration KEPT = Duration.ofMinutes(5);
  private static final int ATTEMPTS = 3;
  private static final int PAGE = 1_000;
  private static final Actor SYSTEM = new Actor(Actor.Kind.SYSTEM, "tenantkit.vault");
  private static final HexFormat HEX = HexFormat.of();

  /** A key with the id under which rows name it. */
  record NamedKey(String id, SealingKey key) {}

  private final PlaneRuntime runtime;
  private final OrganizationKeyStore store;
  private final OrganizationKeyEnvelope envelope;
  private final Cache<String, SealingKey> unwrapped;
  private final Predicate<TenantContext> erased;
  private final KeyCounter counter;
  private volatile Duration maxAge = KeySettings.DEFAULT_AGE;
  private volatile boolean closed;

  OrganizationKeyRing(PlaneRuntime runtime, OrganizationKeyStore store, SealingKeys sealingKeys) {
    // Without a scheduler a key stays until the next call, which may never come.
    this(runtime, store, sealingKeys, Scheduler.systemScheduler());
  }

  OrganizationKeyRing(
      PlaneRuntime runtime,
      OrganizationKeyStore store,
      SealingKeys sealingKeys,
      Scheduler scheduler) {
    this(runtime, store, sealingKeys, scheduler, context -> false);
  }

  /**
   * A ring.
   *
   * @param erased tells of an organization whether its keys were destroyed for ever
   */
  OrganizationKeyRing(
      PlaneRuntime runtime,
      OrganizationKeyStore store,
      SealingKeys sealingKeys,
      Scheduler scheduler,
      Predicate<TenantContext> erased) {
    this.erased = erased;
    this.counter = new KeyCounter(store);
    this.runtime = runtime;
    this.store = store;
    this.envelope = OrganizationKeyEnvelope.of(sealingKeys, runtime.masterKeys(), runtime.random());
    this.unwrapped =
        Caffeine.newBuilder()
            .maximumSize(MAX_KEYS)
            .expireAfterWrite(KEPT)
            .scheduler(scheduler)
            .executor(Runnable::run)
            .ticker(() -> Duration.ofMillis(runtime.clock().millis()).toNanos())
            .removalListener(OrganizationKeyRing::wipe)
            .build();
    runtime.onClose().accept(this::close);
  }

  /** From now on a key is replaced after that many encryptions, and at that age. */
  void rotateAt(long encryptions, Duration age) {
    counter.bound(encryptions);
    maxAge = age;
  }

  /** Whether the newest key of a ring is to be replaced. */
  boolean isDue(OrganizationKeyStore.Counted newest, Instant now) {
    return newest.encryptions() >= counter.bound()
        || !newest.key().createdAt().isAfter(dueSince(now));
  }

  private Instant dueSince(Instant now) {
    return now.minus(maxAge);
  }

  /**
   * The key for one new write, made when the organization has none, and replaced when it is used
   * up.
   */
  NamedKey newest(TenantContext context) {
    return newest(context, 1);
  }

  /** The key for that many new encryptions. */
  NamedKey newest(TenantContext context, long encryptions) {
    return newest(context, store.newest(context), encryptions);
  }

  /**
   * The key for one new write.
   *
   * @param read the newest as it was just read; empty when it was not asked for
   */
  NamedKey newest(TenantContext context, Optional<StoredOrganizationKey> read) {
    return newest(context, read.or(() -> store.newest(context)), 1);
  }

  private NamedKey newest(
      TenantContext context, Optional<StoredOrganizationKey> stored, long encryptions) {
    StoredOrganizationKey newest = stored.orElseGet(() -> make(context));
    // Before it is counted, so that a row which does not open is told as such.
    SealingKey key = unwrap(context, newest);
    for (int attempt = 1; !counter.take(context, newest.keyId(), encryptions); attempt++) {
      if (attempt == ATTEMPTS) {
        throw ConflictException.stale("organization key");
      }
      newest = next(context, newest, "encryptions");
      key = unwrap(context, newest);
    }
    return new NamedKey(newest.keyId(), key);
  }

  /** The id of the newest key, which is not counted and not made. */
  Optional<String> newestId(TenantContext context) {
    return store.newest(context).map(StoredOrganizationKey::keyId);
  }

  /** Makes the next key of the organization, or its first; whatever was made at the same time. */
  StoredOrganizationKey rotate(TenantContext context, String why) {
    requireOpen();
    Optional<StoredOrganizationKey> before = store.newest(context);
    return before.isPresent() ? next(context, before.get(), why) : make(context);
  }

  /** Rotates the keys that are due; one organization's failure does not keep it from the others. */
  void rotateDue(Instant now) {
    EachOrganization each = new EachOrganization();
    @Nullable String after = null;
    List<OrganizationId> page;
    do {
      page = store.due(dueSince(now), counter.bound(), after, PAGE);
      for (OrganizationId organization : page) {
        after = organization.value();
        each.attempt(() -> rotateIfDue(TenantContext.trusted(organization, SYSTEM), now));
      }
    } while (page.size() == PAGE);
    each.end();
  }

  private void rotateIfDue(TenantContext context, Instant now) {
    List<OrganizationKeyStore.Counted> ring = store.ring(context);
    if (!ring.isEmpty()) {
      OrganizationKeyStore.Counted newest = ring.get(ring.size() - 1);
      if (isDue(newest, now)) {
        next(
            context, newest.key(), newest.encryptions() >= counter.bound() ? "encryptions" : "age");
      }
    }
  }

  private StoredOrganizationKey next(
      TenantContext context, StoredOrganizationKey before, String why) {
    return make(
        context,
        before.number() + 1,
        "organization_key.rotated",
        Map.of("why", why, "previous", before.keyId()));
  }

  /** Wipes what is in memory of an organization. */
  void forget(OrganizationId organization) {
    String prefix = organization.value() + '/';
    unwrapped.asMap().keySet().removeIf(id -> id.startsWith(prefix));
  }

  static TenantkitException erased() {
    return new TenantkitException(
        ErrorCode.ORGANIZATION_ERASED, "the organization's keys were destroyed");
  }

  OrganizationKeyEnvelope envelope() {
    return envelope;
  }

  /** The key that a row names, which must be there. */
  SealingKey get(TenantContext context, String keyId) {
    return find(context, keyId).orElseThrow(() -> missing(context));
  }

  /** The key that a row names; empty when there is none, or none any more. */
  Optional<SealingKey> find(TenantContext context, String keyId) {
    SealingKey known = unwrapped.getIfPresent(cacheKey(context, keyId));
    requireOpen();
    if (known != null) {
      return Optional.of(known);
    }
    return store.find(context, keyId).map(stored -> unwrap(context, stored));
  }

  /** What is said of a row whose key is not there. */
  TenantkitException missing(TenantContext context) {
    return erased.test(context) ? erased() : SealingKey.rejected();
  }

  private StoredOrganizationKey make(TenantContext context) {
    return make(context, 1, "organization_key.created", Map.of());
  }

  private StoredOrganizationKey make(
      TenantContext context, int number, String action, Map<String, String> details) {
    Instant now = runtime.now();
    WrappedOrganizationKey made = envelope.generate(context.organization().value(), number);
    StoredOrganizationKey key =
        new StoredOrganizationKey(
            number,
            HEX.formatHex(made.keyId()),
            runtime.masterKeys().currentId(),
            made.record(),
            now);
    boolean first =
        store.insert(
            context,
            key,
            runtime
                .event(context, now, action, "organization_key", key.keyId())
                .with("number", Integer.toString(number))
                .with("masterKey", key.masterKeyId())
                .with(details));
    // Somebody else was faster: theirs is the key, though not every joined transaction sees it.
    return first
        ? key
        : store
            .newest(context)
            .filter(newest -> newest.number() >= number)
            .orElseThrow(() -> ConflictException.stale("organization key"));
  }

  private SealingKey unwrap(TenantContext context, StoredOrganizationKey stored) {
    requireOpen();
    SealingKey key =
        unwrapped.get(
            cacheKey(context, stored.keyId()), id -> envelope.open(wrapped(context, stored)));
    if (closed) {
      // It may have come in after close had wiped the others.
      key.close();
      requireOpen();
    }
    return key;
  }

  static WrappedOrganizationKey wrapped(TenantContext context, StoredOrganizationKey stored) {
    try {
      return new WrappedOrganizationKey(
          context.organization().value(),
          stored.number(),
          HEX.parseHex(stored.keyId()),
          stored.wrapped());
    } catch (InvalidInputException | IllegalArgumentException e) {
      // No ring wrote such a row, and the caller gave nothing that is wrong.
      throw SealingKey.rejected();
    }
  }

  /** The organization leads here too, so that no row can name another tenant's key. */
  private static String cacheKey(TenantContext context, String keyId) {
    return context.organization().value() + '/' + keyId;
  }

  private static void wipe(
      @Nullable String id, @Nullable SealingKey key, RemovalCause whyeverItLeaves) {
    if (key != null) {
      key.close();
    }
  }

  /**
   * Works with a key of this ring, which the work asks for itself: when its time ran out meanwhile
   * the work starts over, and that the control plane was closed meanwhile is said as such.
   */
  <T> T working(Supplier<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.get();
      } catch (IllegalStateException e) {
        requireOpen();
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Demands that the control plane is open, before anything is read or written. */
  void requireOpen() {
    if (closed) {
      throw new TenantkitException(ErrorCode.CLOSED, "the control plane is closed");
    }
  }

  private void close() {
    closed = true;
    unwrapped.asMap().values().forEach(SealingKey::close);
    unwrapped.invalidateAll();
  }
}
