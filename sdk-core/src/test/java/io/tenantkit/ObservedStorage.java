package io.tenantkit;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts the look-ups of keys on their way to a storage, and lets a test step in. */
public final class ObservedStorage implements Storage {
  private final Storage storage;
  private final CoreStores core;
  private final AtomicInteger lookups = new AtomicInteger();
  private volatile Runnable afterRead = () -> {};
  private volatile boolean failing;

  /** This storage, observed. */
  public ObservedStorage(Storage storage) {
    this.storage = storage;
    this.core = storage.stores(CoreStores.class).orElseThrow();
  }

  /** How many keys were looked up by hash. */
  public int lookups() {
    return lookups.get();
  }

  /** Runs in each look-up after the row was read and before it is answered. */
  public void afterRead(Runnable action) {
    afterRead = action;
  }

  /** Whether every call on keys fails as with a database that is down. */
  public void failing(boolean fails) {
    failing = fails;
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    return family == CoreStores.class
        ? Optional.of(family.cast(new ObservedCore()))
        : storage.stores(family);
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return storage.readiness();
  }

  @Override
  public void close() {
    storage.close();
  }

  private <T> T call(Supplier<T> verb) {
    if (failing) {
      throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "the database cannot be reached");
    }
    return verb.get();
  }

  private final class ObservedCore implements CoreStores {
    @Override
    public OrganizationStore organizations() {
      return core.organizations();
    }

    @Override
    public ApiKeyStore apiKeys() {
      return new ObservedKeys(core.apiKeys());
    }

    @Override
    public KeyUpkeepStore keyUpkeep() {
      return core.keyUpkeep();
    }

    @Override
    public AuditStore audit() {
      return core.audit();
    }

    @Override
    public MasterKeyStore masterKeys() {
      return core.masterKeys();
    }
  }

  private final class ObservedKeys implements ApiKeyStore {
    private final ApiKeyStore keys;

    ObservedKeys(ApiKeyStore keys) {
      this.keys = keys;
    }

    @Override
    public void insert(TenantContext context, StoredApiKey key, AuditEvent event) {
      call(
          () -> {
            keys.insert(context, key, event);
            return true;
          });
    }

    @Override
    public Optional<StoredApiKey> find(TenantContext context, ApiKeyId id) {
      return call(() -> keys.find(context, id));
    }

    @Override
    public List<StoredApiKey> list(TenantContext context, @Nullable String afterId, int limit) {
      return call(() -> keys.list(context, afterId, limit));
    }

    @Override
    public boolean update(
        TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
      return call(() -> keys.update(context, changed, expectedVersion, event));
    }

    @Override
    public boolean rotate(
        TenantContext context,
        StoredApiKey retired,
        long expectedVersion,
        StoredApiKey successor,
        AuditEvent event) {
      return call(() -> keys.rotate(context, retired, expectedVersion, successor, event));
    }

    @Override
    public Optional<StoredApiKey> findCreated(TenantContext context, String idempotencyId) {
      return call(() -> keys.findCreated(context, idempotencyId));
    }

    @Override
    public boolean reissue(
        TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
      return call(() -> keys.reissue(context, changed, expectedVersion, event));
    }

    @Override
    public boolean recordFirstUse(TenantContext context, ApiKeyId id, KeyHash hash, Instant now) {
      return call(() -> keys.recordFirstUse(context, id, hash, now));
    }

    @Override
    public List<StoredApiKey> listUnused(
        TenantContext context, Instant since, @Nullable String afterId, int limit) {
      return call(() -> keys.listUnused(context, since, afterId, limit));
    }

    @Override
    public Optional<KeyLookup> lookup(KeyHash hash) {
      lookups.incrementAndGet();
      Optional<KeyLookup> read = call(() -> keys.lookup(hash));
      afterRead.run();
      return read;
    }
  }
}
