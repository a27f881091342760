package io.tenantkit;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.spi.UsageStore;
import io.tenantkit.tenant.TenantContext;
import java.lang.reflect.Proxy;
import java.time.Duration;
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
  private final AtomicInteger polls = new AtomicInteger();
  private volatile Runnable afterRead = () -> {};
  private volatile Runnable beforeUpdate = () -> {};
  private volatile Runnable afterPoll = () -> {};
  private volatile Runnable beforeTake = () -> {};
  private volatile boolean failing;
  private volatile boolean usageFails;
  private volatile boolean usageWritten;

  /** This storage, observed. */
  public ObservedStorage(Storage storage) {
    this.storage = storage;
    this.core = storage.stores(CoreStores.class).orElseThrow();
  }

  /** How many keys were looked up by hash. */
  public int lookups() {
    return lookups.get();
  }

  /** How often the change feed was asked. */
  public int polls() {
    return polls.get();
  }

  /** Runs in each look-up after the row was read and before it is answered. */
  public void afterRead(Runnable action) {
    afterRead = action;
  }

  /** Runs before each change of a key, after its caller has read it. */
  public void beforeUpdate(Runnable action) {
    beforeUpdate = action;
  }

  /** Runs in each poll of the change feed after it was read and before it is answered. */
  public void afterPoll(Runnable action) {
    afterPoll = action;
  }

  /** The row of a key, not counted as a look-up. */
  public Optional<KeyLookup> lookup(KeyHash hash) {
    return core.apiKeys().lookup(hash);
  }

  /**
   * Whether writing usage fails, and whether it is written all the same, as when the connection
   * breaks while committing.
   */
  public void usageFails(boolean fails, boolean written) {
    usageWritten = written;
    usageFails = fails;
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
      throw down();
    }
    return verb.get();
  }

  private static StorageException down() {
    return new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "the database cannot be reached");
  }

  /** Runs in each call of the shared limits before it is made. */
  public void beforeTake(Runnable action) {
    beforeTake = action;
  }

  private RateLimitStore observed(RateLimitStore real) {
    return (RateLimitStore)
        Proxy.newProxyInstance(
            RateLimitStore.class.getClassLoader(),
            new Class<?>[] {RateLimitStore.class},
            (self, method, arguments) -> {
              beforeTake.run();
              return method.invoke(real, arguments);
            });
  }

  private final class ObservedCore extends ForwardingCoreStores {
    ObservedCore() {
      super(core);
    }

    @Override
    public RateLimitStore rateLimits() {
      return observed(core.rateLimits());
    }

    @Override
    public ApiKeyStore apiKeys() {
      return new ObservedKeys(core.apiKeys());
    }

    @Override
    public ChangeStore changes() {
      return new ChangeStore() {
        @Override
        public Changes since(@Nullable Cursor cursor, int limit) {
          polls.incrementAndGet();
          Changes read = call(() -> core.changes().since(cursor, limit));
          afterPoll.run();
          return read;
        }

        @Override
        public long prune(Instant now, Duration keep) {
          return call(() -> core.changes().prune(now, keep));
        }
      };
    }

    @Override
    public UsageStore usage() {
      UsageStore usage = core.usage();
      return new UsageStore() {
        @Override
        public List<UsageBatch.Use> add(UsageBatch batch) {
          if (usageFails && !usageWritten) {
            throw down();
          }
          List<UsageBatch.Use> leftOut = usage.add(batch);
          if (usageFails) {
            throw down();
          }
          return leftOut;
        }

        @Override
        public Optional<Usage> find(TenantContext context, ApiKeyId id) {
          return usage.find(context, id);
        }
      };
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
      beforeUpdate.run();
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
