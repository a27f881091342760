package io.tenantkit.apikey;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredApiKey;
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
 * organization, so of any number of nodes that seed at once one makes it. For the seed, not for
 * hosts. Safe for use by several threads; blocks on the storage.
 */
public final class SeededKeys {
  private static final String ID_PREFIX = "key_seed_";
  private static final int ID_HEX = 32;
  private static final String IMPORTED_PREFIX = "imported";

  private final PlaneRuntime runtime;
  private final ApiKeyStore store;

  /** Over this runtime. */
  public SeededKeys(PlaneRuntime runtime) {
    this.runtime = runtime;
    this.store = runtime.coreStores().apiKeys();
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
   */
  public Optional<IssuedApiKey> createIfAbsent(TenantContext context, NewApiKey wanted) {
    if (isPresent(context, wanted.name())) {
      return Optional.empty();
    }
    byte[] key = KeyFormat.generate(wanted.mode().prefix(), runtime.random());
    try {
      String shown = new String(key, 0, KeyFormat.SHOWN, StandardCharsets.US_ASCII);
      StoredApiKey row = row(context, wanted, shown, KeyHash.of(sha256(key)));
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
   */
  public boolean importIfAbsent(TenantContext context, NewApiKey wanted, KeyHash hash) {
    return !isPresent(context, wanted.name())
        && insertIfAbsent(context, row(context, wanted, IMPORTED_PREFIX, hash), "api_key.imported");
  }

  private boolean isPresent(TenantContext context, String name) {
    context.require(Scopes.API_KEYS_WRITE);
    return store.find(context, id(name)).isPresent();
  }

  private boolean insertIfAbsent(TenantContext context, StoredApiKey row, String action) {
    ApiKey key = row.key();
    try {
      store.insert(
          context,
          row,
          runtime
              .event(context, key.createdAt(), action, "api_key", key.id().value())
              .with("name", key.name())
              .with("prefix", key.prefix()));
      return true;
    } catch (ConflictException e) {
      // The id is taken when another node was faster; else it is the hash, which is refused.
      if (store.find(context, key.id()).isEmpty()) {
        throw e;
      }
      return false;
    } catch (StorageException e) {
      if (e.code() != ErrorCode.COMMIT_UNKNOWN || !isOurs(context, row)) {
        throw e;
      }
      return true;
    }
  }

  private boolean isOurs(TenantContext context, StoredApiKey row) {
    return store
        .find(context, row.key().id())
        .filter(there -> there.hash().equals(row.hash()))
        .isPresent();
  }

  private StoredApiKey row(TenantContext context, NewApiKey wanted, String shown, KeyHash hash) {
    Instant now = runtime.now();
    ApiKeyId id = id(wanted.name());
    return new StoredApiKey(
        new ApiKey(
            id,
            context.organization(),
            wanted.name(),
            wanted.description(),
            shown,
            wanted.mode(),
            wanted.grants(),
            true,
            context.actor().id(),
            now,
            now,
            wanted.lifetime().map(now::plus),
            Optional.empty(),
            id,
            Optional.empty(),
            KeyUse.never(),
            1),
        hash);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
