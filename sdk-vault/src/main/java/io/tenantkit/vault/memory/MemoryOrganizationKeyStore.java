package io.tenantkit.vault.memory;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class MemoryOrganizationKeyStore implements OrganizationKeyStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryTable<RowKey, Row> rows;

  private final MemoryErasures erasures;
  private final MemorySecrets secrets;

  private record Row(RowKey key, StoredOrganizationKey stored, long encryptions) {}

  MemoryOrganizationKeyStore(
      InMemoryStorage storage,
      MemoryEngine engine,
      MemoryErasures erasures,
      MemorySecrets secrets) {
    this.storage = storage;
    this.engine = engine;
    this.rows = engine.table();
    this.erasures = erasures;
    this.secrets = secrets;
    storage.onMasterKeyUse(
        id -> rows.all().stream().anyMatch(row -> row.stored().masterKeyId().equals(id)));
  }

  @Override
  public Optional<StoredOrganizationKey> newest(TenantContext context) {
    return engine.run(
        context,
        () ->
            mine(context)
                .max(Comparator.comparingInt(StoredOrganizationKey::number))
                .map(MemoryOrganizationKeyStore::copy));
  }

  @Override
  public Optional<StoredOrganizationKey> find(TenantContext context, String keyId) {
    return engine.run(
        context,
        () ->
            Optional.ofNullable(rows.get(new RowKey(context.organization(), keyId)))
                .map(row -> copy(row.stored())));
  }

  @Override
  public boolean insert(TenantContext context, StoredOrganizationKey key, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          storage.requireOrganization(context);
          if (erasures.contains(context.organization())) {
            throw erased();
          }
          requireMasterKey(storage, key.masterKeyId());
          RowKey rowKey = new RowKey(context.organization(), key.keyId());
          if (rows.get(rowKey) != null
              || mine(context).anyMatch(row -> row.number() == key.number())) {
            return false;
          }
          rows.put(rowKey, new Row(rowKey, copy(key), 0));
          storage.write(event);
          return true;
        });
  }

  /** Stands for a foreign key. */
  static void requireMasterKey(InMemoryStorage storage, String id) {
    if (!storage.isMasterKeyKnown(id)) {
      throw new TenantkitException(
          ErrorCode.MASTER_KEY_MISMATCH, "the master key " + id + " was retired");
    }
  }

  static TenantkitException erased() {
    return new TenantkitException(
        ErrorCode.ORGANIZATION_ERASED, "the organization's keys were destroyed");
  }

  @Override
  public List<Counted> ring(TenantContext context) {
    return engine.run(
        context,
        () ->
            rowsOf(context.organization())
                .map(row -> new Counted(copy(row.stored()), row.encryptions()))
                .sorted(Comparator.comparingInt(each -> each.key().number()))
                .toList());
  }

  @Override
  public boolean rewrap(TenantContext context, List<Rewrapped> keys, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          for (Rewrapped each : keys) {
            Row row = rows.get(new RowKey(context.organization(), each.before().keyId()));
            if (row == null || !Arrays.equals(row.stored().wrapped(), each.before().wrapped())) {
              return false;
            }
          }
          for (Rewrapped each : keys) {
            requireMasterKey(storage, each.after().masterKeyId());
            RowKey key = new RowKey(context.organization(), each.before().keyId());
            Row before = Objects.requireNonNull(rows.get(key));
            StoredOrganizationKey old = before.stored();
            rows.put(
                key,
                new Row(
                    key,
                    new StoredOrganizationKey(
                        old.number(),
                        old.keyId(),
                        each.after().masterKeyId(),
                        each.after().wrapped().clone(),
                        old.createdAt()),
                    before.encryptions()));
          }
          storage.write(event);
          return true;
        });
  }

  @Override
  public long reserve(TenantContext context, String keyId, long encryptions) {
    return engine.run(
        context,
        () -> {
          RowKey key = new RowKey(context.organization(), keyId);
          Row row = rows.get(key);
          if (row == null) {
            return 0L;
          }
          long count = row.encryptions() + encryptions;
          rows.put(key, new Row(key, row.stored(), count));
          return count;
        });
  }

  @Override
  public List<OrganizationId> due(
      Instant createdBy, long encryptions, @Nullable String afterId, int limit) {
    return engine.run(
        () -> {
          Map<OrganizationId, Row> newest = new TreeMap<>();
          for (Row row : rows.all()) {
            newest.merge(
                row.key().organization(),
                row,
                (a, b) -> a.stored().number() > b.stored().number() ? a : b);
          }
          return newest.values().stream()
              .filter(
                  row ->
                      !row.stored().createdAt().isAfter(createdBy)
                          || row.encryptions() >= encryptions)
              .map(row -> row.key().organization())
              .filter(id -> afterId == null || id.value().compareTo(afterId) > 0)
              .limit(limit)
              .toList();
        });
  }

  @Override
  public boolean destroy(TenantContext context, String keyId, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          RowKey key = new RowKey(context.organization(), keyId);
          Row row = rows.get(key);
          if (row == null
              || mine(context).noneMatch(other -> other.number() > row.stored().number())
              || secrets
                  .wrappedVersions(context)
                  .anyMatch(v -> v.organizationKeyId().equals(keyId))) {
            return false;
          }
          rows.remove(key);
          storage.write(event);
          return true;
        });
  }

  /** Within a verb: removes all keys of an organization; their ids. */
  List<String> removeAll(OrganizationId organization) {
    List<RowKey> keys =
        rowsOf(organization)
            .sorted(Comparator.comparingInt(row -> row.stored().number()))
            .map(Row::key)
            .toList();
    keys.forEach(rows::remove);
    return keys.stream().map(RowKey::id).toList();
  }

  private Stream<Row> rowsOf(OrganizationId organization) {
    return rows.after(new RowKey(organization, "")).stream()
        .takeWhile(row -> row.key().organization().equals(organization));
  }

  private Stream<StoredOrganizationKey> mine(TenantContext context) {
    return rowsOf(context.organization()).map(Row::stored);
  }

  private static StoredOrganizationKey copy(StoredOrganizationKey key) {
    return new StoredOrganizationKey(
        key.number(), key.keyId(), key.masterKeyId(), key.wrapped().clone(), key.createdAt());
  }
}
