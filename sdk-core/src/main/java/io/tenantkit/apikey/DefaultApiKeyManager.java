package io.tenantkit.apikey;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

final class DefaultApiKeyManager implements ApiKeyManager {
  private static final String TARGET = "api_key";

  private final PlaneRuntime runtime;
  private final ApiKeyStore store;
  private final KeyVerifier verifier;

  DefaultApiKeyManager(PlaneRuntime runtime, KeyVerifier verifier) {
    this.runtime = runtime;
    this.store = runtime.coreStores().apiKeys();
    this.verifier = verifier;
  }

  @Override
  public IssuedApiKey create(TenantContext context, NewApiKey wanted) {
    verifier.requireOpen();
    context.require(Scopes.API_KEYS_WRITE);
    requireScopes(context, wanted.scopes());
    wanted.mode().environments().forEach(context::require);
    Instant now = runtime.now();
    ApiKeyId id = ApiKeyId.of(runtime.ids().next("key"));
    Optional<Instant> expiresAt =
        wanted.lifetime().map(life -> now.plus(life).truncatedTo(ChronoUnit.MICROS));
    return issue(
        wanted.mode(),
        prefix ->
            new ApiKey(
                id,
                context.organization(),
                wanted.name(),
                wanted.description(),
                prefix,
                wanted.mode(),
                wanted.grants(),
                true,
                context.actor().id(),
                now,
                now,
                expiresAt,
                Optional.empty(),
                id,
                Optional.empty(),
                KeyUse.never(),
                1),
        created -> store.insert(context, created, created(context, created.key())));
  }

  private AuditEvent created(TenantContext context, ApiKey key) {
    return runtime
        .event(context, key.createdAt(), "api_key.created", TARGET, key.id().value())
        .with("name", key.name())
        .with("prefix", key.prefix());
  }

  @Override
  public Verdict verify(VerifyRequest request) {
    return verifier.verify(request);
  }

  @Override
  public ApiKey get(TenantContext context, ApiKeyId id) {
    verifier.requireOpen();
    context.require(Scopes.API_KEYS_READ);
    return find(context, id).key();
  }

  @Override
  public Page<ApiKey> list(TenantContext context, PageRequest page) {
    verifier.requireOpen();
    context.require(Scopes.API_KEYS_READ);
    Page<StoredApiKey> rows =
        page.page(
            store.list(context, page.afterId(), page.limit() + 1), row -> row.key().id().value());
    return new Page<>(rows.items().stream().map(StoredApiKey::key).toList(), rows.next());
  }

  @Override
  public ApiKey enable(TenantContext context, ApiKeyId id) {
    return setEnabled(context, id, true, "api_key.enabled");
  }

  @Override
  public ApiKey disable(TenantContext context, ApiKeyId id) {
    return setEnabled(context, id, false, "api_key.disabled");
  }

  private ApiKey setEnabled(TenantContext context, ApiKeyId id, boolean enabled, String action) {
    return change(
        context,
        id,
        before -> {
          if (enabled) {
            requireScopes(context, before.key().scopes());
          }
          if (before.key().revocation().isPresent()) {
            throw new ConflictException("api key is revoked");
          }
          if (before.key().enabled() == enabled) {
            return before.key();
          }
          Instant now = runtime.now();
          return update(
              context,
              before,
              before.key().withEnabled(enabled, now),
              event(context, now, action, id));
        });
  }

  @Override
  public ApiKey revoke(TenantContext context, ApiKeyId id, String reason) {
    return change(
        context,
        id,
        before -> {
          if (before.key().revocation().isPresent()) {
            return before.key();
          }
          Instant now = runtime.now();
          ApiKey after = before.key().revoked(reason, now);
          AuditEvent event = event(context, now, "api_key.revoked", id).with("reason", reason);
          return update(context, before, after, event);
        });
  }

  @Override
  public IssuedApiKey rotate(TenantContext context, ApiKeyId id, Rotation rotation) {
    return change(context, id, before -> rotate(context, before, rotation));
  }

  private IssuedApiKey rotate(TenantContext context, StoredApiKey before, Rotation rotation) {
    ApiKey old = before.key();
    requireScopes(context, old.scopes());
    Instant now = runtime.now();
    refuseUnlessRotatable(old, now);
    ApiKeyId nextId = ApiKeyId.of(runtime.ids().next("key"));
    ApiKey retired = retire(old, nextId, rotation, now);
    AuditEvent event =
        event(context, now, "api_key.rotated", old.id())
            .with("successor", nextId.value())
            .with("graceSeconds", Long.toString(rotation.grace().toSeconds()));
    return issue(
        old.mode(),
        prefix ->
            new ApiKey(
                nextId,
                old.organization(),
                old.name(),
                old.description(),
                prefix,
                old.mode(),
                old.grants(),
                old.enabled(),
                context.actor().id(),
                now,
                now,
                old.expiresAt(),
                Optional.empty(),
                old.family(),
                Optional.empty(),
                KeyUse.never(),
                1),
        next -> {
          boolean won =
              store.rotate(
                  context, new StoredApiKey(retired, before.hash()), old.version(), next, event);
          if (!won) {
            refuseUnlessRotatable(find(context, old.id()).key(), now);
            throw ConflictException.stale("api key");
          }
          evictAfterCommit(context, before.hash());
        });
  }

  private static void refuseUnlessRotatable(ApiKey old, Instant now) {
    if (old.successor().isPresent()) {
      throw new ConflictException(
          "api key was rotated already; its successor is " + old.successor().get());
    }
    if (old.revocation().isPresent() || old.expired(now)) {
      throw new ConflictException("api key is revoked or expired");
    }
  }

  /**
   * Without grace the old key is revoked at once; with grace it ends then, or earlier when it was
   * due earlier.
   */
  private static ApiKey retire(ApiKey old, ApiKeyId next, Rotation rotation, Instant now) {
    if (rotation.grace().isZero()) {
      return old.replacedAtOnce(next, now);
    }
    Instant end = now.plus(rotation.grace()).truncatedTo(ChronoUnit.MICROS);
    return old.replacedUntil(end, next, now);
  }

  private interface Draft {
    ApiKey with(String prefix);
  }

  private interface Write {
    void accept(StoredApiKey key);
  }

  /** Draws a key, stores its hash, and hands the key out only after that succeeded. */
  private IssuedApiKey issue(KeyMode mode, Draft draft, Write write) {
    byte[] key = KeyFormat.generate(mode, runtime.random());
    try {
      String prefix = new String(key, 0, KeyFormat.SHOWN, StandardCharsets.US_ASCII);
      StoredApiKey stored = new StoredApiKey(draft.with(prefix), verifier.hash(key));
      write.accept(stored);
      return new IssuedApiKey(stored.key(), SecretValue.copyOf(key));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private ApiKey update(
      TenantContext context, StoredApiKey before, ApiKey after, AuditEvent event) {
    StoredApiKey changed = new StoredApiKey(after, before.hash());
    if (!store.update(context, changed, before.key().version(), event)) {
      throw ConflictException.stale("api key");
    }
    evictAfterCommit(context, before.hash());
    return after;
  }

  /**
   * A change to a key whose environments the context reaches. Whatever becomes of it, the verifier
   * forgets the key: it may have been changed already on another node, which the caller is told and
   * then counts on, or the connection may have broken while committing.
   */
  private <T> T change(TenantContext context, ApiKeyId id, Function<StoredApiKey, T> change) {
    verifier.requireOpen();
    context.require(Scopes.API_KEYS_WRITE);
    StoredApiKey before = find(context, id);
    before.key().mode().environments().forEach(context::require);
    try {
      return change.apply(before);
    } finally {
      verifier.evict(before.hash());
    }
  }

  private void evictAfterCommit(TenantContext context, KeyHash hash) {
    context.transaction().ifPresent(joined -> joined.afterCommit(() -> verifier.evict(hash)));
  }

  private static void requireScopes(TenantContext context, ScopeSet scopes) {
    if (!context.scopes().coversAll(scopes)) {
      throw new AccessDeniedException("a key cannot hold a scope that its creator does not hold");
    }
  }

  private StoredApiKey find(TenantContext context, ApiKeyId id) {
    return store.find(context, id).orElseThrow(() -> new NotFoundException("api key"));
  }

  private AuditEvent event(TenantContext context, Instant at, String action, ApiKeyId id) {
    return runtime.event(context, at, action, TARGET, id.value());
  }
}
