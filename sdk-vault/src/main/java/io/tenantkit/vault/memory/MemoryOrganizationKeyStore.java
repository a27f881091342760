package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

final class MemoryOrganizationKeyStore implements OrganizationKeyStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryTable<RowKey, Row> rows;

  private record Row(RowKey key, StoredOrganizationKey stored) {}

  MemoryOrganizationKeyStore(InMemoryStorage storage, MemoryEngine engine) {
    this.storage = storage;
    this.engine = engine;
    this.rows = engine.table();
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
          RowKey rowKey = new RowKey(context.organization(), key.keyId());
          if (rows.get(rowKey) != null
              || mine(context).anyMatch(row -> row.number() == key.number())) {
            return false;
          }
          rows.put(rowKey, new Row(rowKey, copy(key)));
          storage.write(event);
          return true;
        });
  }

  private Stream<StoredOrganizationKey> mine(TenantContext context) {
    return rows.after(new RowKey(context.organization(), "")).stream()
        .takeWhile(row -> row.key().organization().equals(context.organization()))
        .map(Row::stored);
  }

  private static StoredOrganizationKey copy(StoredOrganizationKey key) {
    return new StoredOrganizationKey(
        key.number(), key.keyId(), key.masterKeyId(), key.wrapped().clone(), key.createdAt());
  }
}
