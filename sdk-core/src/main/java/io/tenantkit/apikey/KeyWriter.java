package io.tenantkit.apikey;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.IdempotentCreation;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What all changes of keys share: the audit event, the drawing of a key, the settling of unknown
 * outcomes, and that the verifier forgets what was changed.
 */
final class KeyWriter {
  private static final String TARGET = "api_key";

  /** The name before the keys of an organization that asks for none. */
  private static final String DEFAULT_NAME = "ak";

  private final PlaneRuntime runtime;
  private final ApiKeyStore store;
  private final KeyVerifier verifier;
  private final KeyPolicies policies;

  KeyWriter(PlaneRuntime runtime, KeyVerifier verifier, KeyPolicies policies) {
    this.runtime = runtime;
    this.store = runtime.coreStores().apiKeys();
    this.verifier = verifier;
    this.policies = policies;
  }

  /** Demands that the plane is open and that the caller may change keys. */
  void requireWriter(TenantContext context) {
    verifier.requireOpen();
    context.require(Scopes.API_KEYS_WRITE);
  }

  /** Demands that the plane is open and that the caller may see keys. */
  void requireReader(TenantContext context) {
    verifier.requireOpen();
    context.require(Scopes.API_KEYS_READ);
  }

  Instant now() {
    return runtime.now();
  }

  ApiKeyId nextId() {
    return ApiKeyId.of(runtime.ids().next("key"));
  }

  KeyPolicy policy(TenantContext context) {
    return policies.of(context);
  }

  StoredApiKey find(TenantContext context, ApiKeyId id) {
    return store.find(context, id).orElseThrow(() -> new NotFoundException("api key"));
  }

  AuditEvent event(TenantContext context, Instant at, String action, ApiKeyId id) {
    return runtime.event(context, at, action, TARGET, id.value());
  }

  /** The event of a key that comes into being. */
  AuditEvent born(TenantContext context, ApiKey key, String action) {
    return event(context, key.createdAt(), action, key.id())
        .with("name", key.name())
        .with("prefix", key.prefix());
  }

  /**
   * Draws a key, has its row written, and hands the key out only when that is known to be done.
   *
   * @param draft the key that is recognised by these first characters
   * @param write answers false when the row was not as expected
   * @return nothing when the write answered false
   */
  Optional<IssuedApiKey> issue(
      KeyPolicy policy,
      KeyMode mode,
      Function<String, ApiKey> draft,
      Optional<IdempotentCreation> creation,
      Predicate<StoredApiKey> write) {
    String beginning = mode.prefix(policy.prefixName().orElse(DEFAULT_NAME));
    byte[] key = KeyFormat.generate(beginning, runtime.random());
    try {
      String prefix = new String(key, 0, KeyFormat.SHOWN, StandardCharsets.US_ASCII);
      StoredApiKey row = new StoredApiKey(draft.apply(prefix), verifier.hash(key), creation);
      return write.test(row)
          ? Optional.of(new IssuedApiKey(row.key(), SecretValue.copyOf(key)))
          : Optional.empty();
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** Adds a row, whatever becomes of the first answer. */
  void insert(TenantContext context, StoredApiKey row, AuditEvent event) {
    // Whoever tries the hash before it is committed is told that it is unknown.
    evictAfterCommit(context, row.hash());
    Settlement.settle(
        context,
        () -> {
          store.insert(context, row, event);
          return true;
        },
        () -> isThere(context, row));
  }

  /** Replaces the secret of a key whose creation is repeated; false when it was used meanwhile. */
  boolean reissue(TenantContext context, StoredApiKey row, AuditEvent event) {
    return Settlement.settle(
        context,
        () -> store.reissue(context, row, row.key().version() - 1, event),
        () -> isThere(context, row));
  }

  /** Retires a key and adds its successor; false when it was changed meanwhile. */
  boolean rotate(
      TenantContext context, StoredApiKey retired, StoredApiKey successor, AuditEvent event) {
    return Settlement.settle(
        context,
        () -> store.rotate(context, retired, retired.key().version() - 1, successor, event),
        () -> isThere(context, successor));
  }

  /** Changes a key. */
  ApiKey update(TenantContext context, StoredApiKey before, ApiKey after, AuditEvent event) {
    StoredApiKey row = new StoredApiKey(after, before.hash(), before.creation());
    boolean done =
        settle(
            context,
            before,
            after,
            () -> store.update(context, row, before.key().version(), event));
    if (!done) {
      throw ConflictException.stale("api key");
    }
    return after;
  }

  /** Runs a change of one key; false when the row was not as expected. */
  boolean settle(TenantContext context, StoredApiKey before, ApiKey after, BooleanSupplier change) {
    boolean done = Settlement.settle(context, change, () -> isChanged(context, after));
    evictAfterCommit(context, before.hash());
    return done;
  }

  private boolean isThere(TenantContext context, StoredApiKey row) {
    return store
        .find(context, row.key().id())
        .filter(there -> there.hash().equals(row.hash()))
        .isPresent();
  }

  /** Whether the row is as it was left, or was revoked by this very change and is since revoked. */
  private boolean isChanged(TenantContext context, ApiKey after) {
    return store
        .find(context, after.id())
        .map(StoredApiKey::key)
        .filter(
            there ->
                there.isSameChange(after)
                    || (after.revocation().isPresent()
                        && after.revocation().equals(there.revocation())))
        .isPresent();
  }

  /**
   * A change to a key whose environments the context reaches. Whatever becomes of it, the verifier
   * forgets the key: it may have been changed already on another node, which the caller is told and
   * then counts on, or the connection may have broken while committing.
   */
  <T> T change(TenantContext context, ApiKeyId id, Function<StoredApiKey, T> change) {
    requireWriter(context);
    StoredApiKey before = find(context, id);
    before.key().mode().environments().forEach(context::require);
    return forgetting(before, () -> change.apply(before));
  }

  /** Runs what changes a key; then the verifier forgets it. */
  <T> T forgetting(StoredApiKey before, java.util.function.Supplier<T> change) {
    try {
      return change.get();
    } finally {
      verifier.evict(before.hash());
    }
  }

  void evictAfterCommit(TenantContext context, KeyHash hash) {
    context.transaction().ifPresent(joined -> joined.afterCommit(() -> verifier.evict(hash)));
  }
}
