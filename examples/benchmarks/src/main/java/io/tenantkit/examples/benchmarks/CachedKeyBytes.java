package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyGrants;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.KeyUse;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.spi.UsageStore;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much heap a cached key takes: the heap after garbage collection, with and without 100,000 of
 * them.
 *
 * <p>Each key has two scopes, two limits of which it has used some, and a use that is counted and not
 * yet written. The storage below holds no key: it makes each one when it is looked up, every text,
 * scope and limit of its own, as a row read from a database has them. So what grows is the cache
 * alone.
 */
public final class CachedKeyBytes {
  private static final int KEYS = 100_000;
  private static final int ORGANIZATIONS = 1_000;

  private CachedKeyBytes() {}

  public static void main(String[] args) {
    System.out.printf(
        Locale.ROOT,
        "%.0f bytes per cached key of %,d organizations, %.0f when each has one of its own%n",
        measure(KEYS, ORGANIZATIONS),
        ORGANIZATIONS,
        measure(KEYS, KEYS));
  }

  static double measure(int keys, int organizations) {
    try (Storage storage = new MadeUp(organizations);
        ControlPlane plane = Fixture.plane(storage)) {
      // Loads the classes and fills the pools, with a key that is counted on both sides.
      verify(plane, "warm");
      long before = heap();
      for (int i = 0; i < keys; i++) {
        verify(plane, "imported-key-" + i);
      }
      long after = heap();
      verify(plane, "warm");
      return (double) (after - before) / keys;
    }
  }

  private static void verify(ControlPlane plane, String key) {
    if (!(plane.apiKeys().verify(key, ScopeQuery.none()) instanceof Verdict.Valid)) {
      throw new IllegalStateException("a key that is there must work");
    }
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  private static final class MadeUp implements Storage {
    private final Storage memory = Storage.inMemory();
    private final CoreStores stores;

    MadeUp(int organizations) {
      stores = new Stores(memory.stores(CoreStores.class).orElseThrow(), new Keys(organizations));
    }

    @Override
    public <F> Optional<F> stores(Class<F> family) {
      return family == CoreStores.class ? Optional.of(family.cast(stores)) : Optional.empty();
    }

    @Override
    public List<ReadinessIssue> readiness() {
      return memory.readiness();
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  private record Stores(CoreStores memory, ApiKeyStore apiKeys) implements CoreStores {
    @Override
    public OrganizationStore organizations() {
      return memory.organizations();
    }

    @Override
    public TeamStore teams() {
      return memory.teams();
    }

    @Override
    public ExternalOrganizationStore externalOrganizations() {
      return memory.externalOrganizations();
    }

    @Override
    public RateLimitStore rateLimits() {
      return memory.rateLimits();
    }

    @Override
    public KeyUpkeepStore keyUpkeep() {
      return memory.keyUpkeep();
    }

    @Override
    public AuditStore audit() {
      return memory.audit();
    }

    @Override
    public AuditCheckpointStore auditCheckpoints() {
      return memory.auditCheckpoints();
    }

    @Override
    public MasterKeyStore masterKeys() {
      return memory.masterKeys();
    }

    @Override
    public ChangeStore changes() {
      return memory.changes();
    }

    @Override
    public UsageStore usage() {
      return memory.usage();
    }

    @Override
    public TokenLedgerStore tokenLedger() {
      return memory.tokenLedger();
    }

    @Override
    public ReceivedEventStore receivedEvents() {
      return memory.receivedEvents();
    }

    @Override
    public PresenceStore presences() {
      return memory.presences();
    }
  }

  private static final class Keys implements ApiKeyStore {
    private final int organizations;
    private int number;

    Keys(int organizations) {
      this.organizations = organizations;
    }

    @Override
    public Optional<KeyLookup> lookup(KeyHash hash) {
      number++;
      Instant created = Instant.ofEpochSecond(1_790_000_000L + number);
      ApiKeyId id = ApiKeyId.of(String.format(Locale.ROOT, "key_%026d", number));
      ApiKey key =
          new ApiKey(
              id,
              OrganizationId.of("organization-" + number % organizations),
              "server of " + number,
              Optional.empty(),
              String.format(Locale.ROOT, "ak_live_%08d", number),
              KeyMode.LIVE,
              KeyGrants.none()
                  .withScopes(ScopeSet.of("livekit:create-session", "secrets:read"))
                  .withLimit(RateLimit.of("minute", 1_000, Duration.ofMinutes(1)))
                  .withLimit(RateLimit.of("hour", 10_000, Duration.ofHours(1))),
              true,
              "operator-" + number,
              created,
              created.plusMillis(1),
              Optional.of(created.plusSeconds(1_000_000_000)),
              Optional.empty(),
              id,
              Optional.empty(),
              KeyUse.never(),
              1);
      return Optional.of(new KeyLookup(key, Organization.Status.ACTIVE, List.of(), false));
    }

    @Override
    public void insert(TenantContext context, StoredApiKey key, AuditEvent event) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<StoredApiKey> find(TenantContext context, ApiKeyId id) {
      return Optional.empty();
    }

    @Override
    public List<StoredApiKey> list(TenantContext context, @Nullable String afterId, int limit) {
      return List.of();
    }

    @Override
    public Optional<StoredApiKey> findCreated(TenantContext context, String idempotencyId) {
      return Optional.empty();
    }

    @Override
    public boolean reissue(
        TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
      return false;
    }

    @Override
    public boolean recordFirstUse(TenantContext context, ApiKeyId id, KeyHash hash, Instant now) {
      return false;
    }

    @Override
    public List<StoredApiKey> listUnused(
        TenantContext context, Instant since, @Nullable String afterId, int limit) {
      return List.of();
    }

    @Override
    public boolean update(
        TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
      return false;
    }

    @Override
    public boolean rotate(
        TenantContext context,
        StoredApiKey retired,
        long expectedVersion,
        StoredApiKey successor,
        AuditEvent event) {
      return false;
    }
  }
}
