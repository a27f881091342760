package io.tenantkit.memory;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.IdempotentCreation;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.spi.UsageStore;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

final class MemoryCoreStores implements CoreStores {
  private final MemoryEngine engine;
  private final MemoryTable<OrganizationId, Organization> organizations;
  private final MemoryTable<OrganizationId, Boolean> erased;
  private final MemoryTable<RowKey, StoredApiKey> keys;
  private final MemoryTable<String, StoredApiKey> keysByHash;
  private final MemoryTable<RowKey, Instant> keyNotices;
  private final MemoryTable<String, MasterKeyStore.MasterKeyCheck> masterKeys;
  private final MemoryTable<String, MasterKeyStore.RetiredMasterKey> retiredMasterKeys;
  private final List<Predicate<String>> masterKeyUses = new CopyOnWriteArrayList<>();
  private final MemoryExternalOrganizations externalOrganizations;
  private final MemoryAudit audit;
  private final RateLimitStore rateLimits;
  private final MemoryChanges changes;
  private final MemoryUsage usage;
  private final MemoryTeams teams;
  private final MemoryTokenLedger tokenLedger;
  private final MemoryPresences presences;

  MemoryCoreStores(MemoryEngine engine) {
    this.engine = engine;
    this.organizations = engine.table();
    this.erased = engine.table();
    this.keys = engine.table();
    this.keysByHash = engine.table();
    this.keyNotices = engine.table();
    this.masterKeys = engine.table();
    this.retiredMasterKeys = engine.table();
    this.externalOrganizations = new MemoryExternalOrganizations(engine, this);
    this.audit = new MemoryAudit(engine, this::requireOrganization);
    this.rateLimits = new MemoryRateLimits(engine, id -> organizations.get(id) != null);
    this.changes = new MemoryChanges(engine, organizations, keysByHash);
    this.usage = new MemoryUsage(engine, keys);
    this.teams = new MemoryTeams(engine, this);
    this.tokenLedger = new MemoryTokenLedger(engine, this);
    this.presences = new MemoryPresences(engine, this::requireNotErased);
  }

  @Override
  public OrganizationStore organizations() {
    return new Organizations();
  }

  @Override
  public TeamStore teams() {
    return teams;
  }

  @Override
  public ApiKeyStore apiKeys() {
    return new Keys();
  }

  @Override
  public ExternalOrganizationStore externalOrganizations() {
    return externalOrganizations;
  }

  @Override
  public KeyUpkeepStore keyUpkeep() {
    return new MemoryKeyUpkeep(engine, organizations, keys, keyNotices, apiKeys());
  }

  @Override
  public AuditStore audit() {
    return audit;
  }

  @Override
  public AuditCheckpointStore auditCheckpoints() {
    return audit.checkpoints();
  }

  @Override
  public MasterKeyStore masterKeys() {
    return new MasterKeyChecks();
  }

  @Override
  public ChangeStore changes() {
    return changes;
  }

  @Override
  public UsageStore usage() {
    return usage;
  }

  @Override
  public RateLimitStore rateLimits() {
    return rateLimits;
  }

  @Override
  public TokenLedgerStore tokenLedger() {
    return tokenLedger;
  }

  @Override
  public ReceivedEventStore receivedEvents() {
    return presences.receivedEvents();
  }

  @Override
  public PresenceStore presences() {
    return presences.presences();
  }

  /** Within a verb. */
  void erase(TenantContext context) {
    erased.put(context.organization(), true);
    presences.erase(context.organization());
  }

  /** Within a verb: that the organization is there and was not erased. */
  void requireNotErased(TenantContext context) {
    requireOrganization(context);
    if (erased.get(context.organization()) != null) {
      throw new TenantkitException(
          ErrorCode.ORGANIZATION_ERASED, "the organization's keys were destroyed");
    }
  }

  /** Within a verb. */
  @Nullable Organization organization(OrganizationId id) {
    return organizations.get(id);
  }

  void requireOrganization(TenantContext context) {
    if (organizations.get(context.organization()) == null) {
      throw new NotFoundException("organization");
    }
  }

  void write(AuditEvent event) {
    audit.write(event);
  }

  /** The rows of one organization after an id, in the order of ids. */
  private static <V> List<V> page(
      MemoryTable<RowKey, V> table,
      OrganizationId organization,
      @Nullable String afterId,
      int limit,
      java.util.function.Function<V, OrganizationId> owner) {
    Collection<V> rows = table.after(new RowKey(organization, afterId == null ? "" : afterId));
    return rows.stream()
        .takeWhile(row -> owner.apply(row).equals(organization))
        .limit(limit)
        .toList();
  }

  private final class Organizations implements OrganizationStore {
    @Override
    public void insert(Operator operator, Organization organization, AuditEvent event) {
      engine.run(
          operator,
          () -> {
            OwnRows.require(organization.id(), event.organization());
            if (organizations.get(organization.id()) != null) {
              throw new ConflictException("organization exists already");
            }
            organizations.put(organization.id(), organization);
            write(event);
            return true;
          });
    }

    @Override
    public Optional<Organization> find(Operator operator, OrganizationId id) {
      return engine.run(operator, () -> Optional.ofNullable(organizations.get(id)));
    }

    @Override
    public Optional<Organization> find(TenantContext context) {
      return engine.run(
          context, () -> Optional.ofNullable(organizations.get(context.organization())));
    }

    @Override
    public List<Organization> list(Operator operator, @Nullable String afterId, int limit) {
      return engine.run(
          operator,
          () ->
              organizations.all().stream()
                  .filter(row -> afterId == null || row.id().value().compareTo(afterId) > 0)
                  .limit(limit)
                  .toList());
    }

    @Override
    public boolean update(
        Operator operator, Organization changed, long expectedVersion, AuditEvent event) {
      return engine.run(
          operator,
          () -> {
            OwnRows.require(changed.id(), event.organization());
            Organization before = organizations.get(changed.id());
            if (before == null || before.version() != expectedVersion) {
              return false;
            }
            organizations.put(changed.id(), changed);
            write(event);
            return true;
          });
    }
  }

  private final class Keys implements ApiKeyStore {
    @Override
    public void insert(TenantContext context, StoredApiKey key, AuditEvent event) {
      engine.run(
          context,
          () -> {
            OwnRows.require(context.organization(), key.key().organization(), event.organization());
            requireOrganization(context);
            add(context, key);
            write(event);
            return true;
          });
    }

    private void add(TenantContext context, StoredApiKey key) {
      RowKey rowKey = rowKey(context, key.key().id());
      if (keys.get(rowKey) != null
          || keysByHash.get(key.hash().hex()) != null
          || key.creation().filter(how -> created(context, how.id()).isPresent()).isPresent()) {
        throw new ConflictException("api key cannot be stored");
      }
      put(rowKey, key);
    }

    private void put(RowKey rowKey, StoredApiKey key) {
      keys.put(rowKey, key);
      keysByHash.put(key.hash().hex(), key);
    }

    @Override
    public Optional<StoredApiKey> find(TenantContext context, ApiKeyId id) {
      return engine.run(context, () -> Optional.ofNullable(keys.get(rowKey(context, id))));
    }

    @Override
    public List<StoredApiKey> list(TenantContext context, @Nullable String afterId, int limit) {
      return engine.run(
          context,
          () ->
              page(keys, context.organization(), afterId, limit, row -> row.key().organization()));
    }

    @Override
    public boolean update(
        TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
      return engine.run(
          context,
          () -> {
            OwnRows.require(
                context.organization(), changed.key().organization(), event.organization());
            RowKey rowKey = rowKey(context, changed.key().id());
            if (!atVersion(rowKey, expectedVersion)) {
              return false;
            }
            replace(rowKey, changed);
            write(event);
            return true;
          });
    }

    @Override
    public boolean rotate(
        TenantContext context,
        StoredApiKey retired,
        long expectedVersion,
        StoredApiKey successor,
        AuditEvent event) {
      return engine.run(
          context,
          () -> {
            OwnRows.require(
                context.organization(),
                retired.key().organization(),
                successor.key().organization(),
                event.organization());
            RowKey rowKey = rowKey(context, retired.key().id());
            if (!atVersion(rowKey, expectedVersion)) {
              return false;
            }
            replace(rowKey, retired);
            add(context, successor);
            write(event);
            return true;
          });
    }

    @Override
    public Optional<KeyLookup> lookup(KeyHash hash) {
      return engine.run(
          () -> {
            StoredApiKey found = keysByHash.get(hash.hex());
            Organization owner =
                found == null ? null : organizations.get(found.key().organization());
            return found == null || owner == null
                ? Optional.empty()
                : Optional.of(
                    new KeyLookup(
                        found.key().asPresented(),
                        owner.status(),
                        owner.settings().pool(),
                        found.creation().filter(how -> how.firstUsedAt().isEmpty()).isPresent()));
          });
    }

    @Override
    public Optional<StoredApiKey> findCreated(TenantContext context, String idempotencyId) {
      return engine.run(context, () -> created(context, idempotencyId));
    }

    private Optional<StoredApiKey> created(TenantContext context, String idempotencyId) {
      return keys.after(new RowKey(context.organization(), "")).stream()
          .takeWhile(row -> row.key().organization().equals(context.organization()))
          .filter(row -> row.creation().filter(how -> how.id().equals(idempotencyId)).isPresent())
          .findFirst();
    }

    @Override
    public boolean reissue(
        TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
      return engine.run(
          context,
          () -> {
            OwnRows.require(
                context.organization(), changed.key().organization(), event.organization());
            RowKey rowKey = rowKey(context, changed.key().id());
            StoredApiKey before = keys.get(rowKey);
            if (before == null
                || before.key().version() != expectedVersion
                || before.creation().filter(how -> how.firstUsedAt().isEmpty()).isEmpty()) {
              return false;
            }
            if (keysByHash.get(changed.hash().hex()) != null) {
              throw new ConflictException("api key cannot be stored");
            }
            keysByHash.remove(before.hash().hex());
            put(rowKey, new StoredApiKey(changed.key(), changed.hash(), before.creation()));
            write(event);
            return true;
          });
    }

    @Override
    public boolean recordFirstUse(TenantContext context, ApiKeyId id, KeyHash hash, Instant now) {
      return engine.run(
          context,
          () -> {
            RowKey rowKey = rowKey(context, id);
            StoredApiKey before = keys.get(rowKey);
            if (before == null || !before.hash().equals(hash)) {
              return false;
            }
            before
                .creation()
                .filter(how -> how.firstUsedAt().isEmpty())
                .ifPresent(
                    how ->
                        put(
                            rowKey,
                            new StoredApiKey(
                                before.key(),
                                hash,
                                Optional.of(
                                    new IdempotentCreation(
                                        how.id(), how.request(), Optional.of(now))))));
            return true;
          });
    }

    @Override
    public List<StoredApiKey> listUnused(
        TenantContext context, Instant since, @Nullable String afterId, int limit) {
      return engine.run(
          context,
          () ->
              keys
                  .after(new RowKey(context.organization(), afterId == null ? "" : afterId))
                  .stream()
                  .takeWhile(row -> row.key().organization().equals(context.organization()))
                  .filter(row -> unused(row.key(), since))
                  .limit(limit)
                  .toList());
    }

    private static boolean unused(ApiKey key, Instant since) {
      return key.revocation().isEmpty()
          && !key.expired(since)
          && key.use().lastAt().orElse(key.createdAt()).isBefore(since);
    }

    /** The hash is the row's own; what the changed one says does not count. */
    private void replace(RowKey rowKey, StoredApiKey changed) {
      StoredApiKey before = Objects.requireNonNull(keys.get(rowKey));
      put(
          rowKey,
          new StoredApiKey(
              changed.key().withUse(before.key().use()), before.hash(), before.creation()));
    }

    private boolean atVersion(RowKey rowKey, long expectedVersion) {
      StoredApiKey before = keys.get(rowKey);
      return before != null && before.key().version() == expectedVersion;
    }

    private RowKey rowKey(TenantContext context, ApiKeyId id) {
      return new RowKey(context.organization(), id.value());
    }
  }

  /** Within a verb. */
  boolean isMasterKeyKnown(String id) {
    return masterKeys.get(id) != null;
  }

  /** As a foreign key does: what is in use cannot go. Asked within a verb. */
  void onMasterKeyUse(Predicate<String> uses) {
    masterKeyUses.add(uses);
  }

  private final class MasterKeyChecks implements MasterKeyStore {
    @Override
    public List<MasterKeyCheck> list() {
      return engine.run(() -> List.copyOf(masterKeys.all()));
    }

    @Override
    public List<RetiredMasterKey> retired() {
      return engine.run(() -> List.copyOf(retiredMasterKeys.all()));
    }

    @Override
    public boolean record(List<MasterKeyCheck> added, Set<String> known) {
      return engine.run(
          () -> {
            if (!masterKeys.keys().collect(Collectors.toSet()).equals(known)) {
              return false;
            }
            added.forEach(check -> masterKeys.put(check.id(), check));
            return true;
          });
    }

    @Override
    public boolean retire(Operator operator, String id, Instant at) {
      return engine.run(
          operator,
          () -> {
            MasterKeyCheck check = masterKeys.get(id);
            if (check == null || masterKeyUses.stream().anyMatch(use -> use.test(id))) {
              return false;
            }
            masterKeys.remove(id);
            retiredMasterKeys.put(
                id, new RetiredMasterKey(check, at, operator.actor().id(), operator.reason()));
            return true;
          });
    }

    @Override
    public void recordIfAbsent(MasterKeyCheck check) {
      engine.run(
          () -> {
            if (masterKeys.get(check.id()) == null) {
              masterKeys.put(check.id(), check);
            }
            return true;
          });
    }
  }
}
