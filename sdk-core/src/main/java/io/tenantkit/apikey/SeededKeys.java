package io.tenantkit.apikey;

import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Keys that a seed names. Such a key's id follows from its name, and an id is unique in its
 * organization, so of any number of nodes that seed at once one makes it. What the organization's
 * policy and the caller's own key hold other new keys to, they hold these to. A key that is taken
 * over is accepted at once, unless this process refused it a moment ago: then within the revocation
 * bound. For the seed, not for hosts. Safe for use by several threads; blocks on the storage.
 */
public final class SeededKeys {
  private static final String ID_PREFIX = "key_seed_";
  private static final int ID_HEX = 32;

  private final PlaneRuntime runtime;
  private final ApiKeyStore store;
  private final KeyPolicies policies;

  /** Over this runtime. */
  public SeededKeys(PlaneRuntime runtime) {
    this.runtime = runtime;
    this.store = runtime.coreStores().apiKeys();
    this.policies = new KeyPolicies(runtime);
  }

  /** The id of an organization's seeded key of this name. */
  public static ApiKeyId id(String name) {
    String hex = HexFormat.of().formatHex(sha256(name.getBytes(StandardCharsets.UTF_8)));
    return ApiKeyId.of(ID_PREFIX + hex.substring(0, ID_HEX));
  }

  /**
   * Makes a key of this name, unless one was ever seeded: a revoked one stays revoked.
   *
   * @return the key with its secret, which is shown this once; empty when there was one
   * @throws InvalidInputException when a longer life is wanted than the organization allows
   */
  public Optional<IssuedApiKey> createIfAbsent(TenantContext context, NewApiKey wanted) {
    if (isPresent(context, wanted.name())) {
      return Optional.empty();
    }
    KeyPolicy policy = policies.of(context);
    String beginning =
        policy.prefixName().map(wanted.mode()::prefix).orElse(wanted.mode().prefix());
    byte[] key = KeyFormat.generate(beginning, runtime.random());
    try {
      String shown = new String(key, 0, KeyFormat.SHOWN, StandardCharsets.US_ASCII);
      StoredApiKey row = row(context, policy, wanted, shown, KeyHash.of(sha256(key)));
      return insertIfAbsent(context, row, "api_key.created")
          ? Optional.of(new IssuedApiKey(row.key(), SecretValue.copyOf(key)))
          : Optional.empty();
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /**
   * Takes over a key of which only the hash is known, unless one of this name was ever seeded.
   *
   * @return whether it was made
   * @throws ConflictException when the hash exists, in whichever organization
   * @throws InvalidInputException when a longer life is wanted than the organization allows
   */
  public boolean importIfAbsent(TenantContext context, NewApiKey wanted, KeyHash hash) {
    if (isPresent(context, wanted.name())) {
      return false;
    }
    StoredApiKey row = row(context, policies.of(context), wanted, ImportedKey.DEFAULT_PREFIX, hash);
    return insertIfAbsent(context, row, "api_key.imported");
  }

  private boolean isPresent(TenantContext context, String name) {
    context.require(Scopes.API_KEYS_WRITE);
    return store.find(context, id(name)).isPresent();
  }

  private boolean insertIfAbsent(TenantContext context, StoredApiKey row, String action) {
    ApiKey key = row.key();
    AuditEvent event =
        runtime
            .event(context, key.createdAt(), action, "api_key", key.id().value())
            .with("name", key.name())
            .with("prefix", key.prefix());
    try {
      return Settlement.settle(
          context,
          () -> {
            store.insert(context, row, event);
            return true;
          },
          () -> isOurs(context, row));
    } catch (ConflictException e) {
      // The id is taken when another node was faster; else it is the hash, which is refused.
      if (store.find(context, key.id()).isEmpty()) {
        throw e;
      }
      return false;
    }
  }

  private boolean isOurs(TenantContext context, StoredApiKey row) {
    return store
        .find(context, row.key().id())
        .filter(there -> there.hash().equals(row.hash()))
        .isPresent();
  }

  private StoredApiKey row(
      TenantContext context, KeyPolicy policy, NewApiKey wanted, String shown, KeyHash hash) {
    Instant now = runtime.now();
    KeyDraft draft =
        new KeyDraft(
            id(wanted.name()),
            wanted.mode(),
            wanted.name(),
            wanted.description(),
            Authority.granted(context, wanted.mode(), wanted.grants()),
            true,
            Authority.end(context, policy, wanted.lifetime(), now),
            Optional.empty());
    return new StoredApiKey(draft.key(context, shown, now), hash);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
