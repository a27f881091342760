package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.IntegrationStatus;
import io.tenantkit.vault.spi.IntegrationStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class MemoryIntegrationStore implements IntegrationStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryTable<RowKey, Integration> rows;

  MemoryIntegrationStore(InMemoryStorage storage, MemoryEngine engine) {
    this.storage = storage;
    this.engine = engine;
    this.rows = engine.table();
  }

  @Override
  public boolean insert(TenantContext context, Integration integration, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), integration.organization(), event.organization());
          storage.requireOrganization(context);
          RowKey key = key(context, integration.id());
          if (rows.get(key) != null) {
            return false;
          }
          rows.put(key, integration);
          storage.write(event);
          return true;
        });
  }

  @Override
  public Optional<Integration> find(TenantContext context, IntegrationId id) {
    return engine.run(context, () -> Optional.ofNullable(rows.get(key(context, id))));
  }

  @Override
  public List<Integration> list(TenantContext context, @Nullable String afterId, int limit) {
    return engine.run(
        context,
        () ->
            mine(context, afterId)
                .filter(row -> context.environments().contains(row.environment()))
                .limit(limit)
                .toList());
  }

  @Override
  public boolean update(
      TenantContext context,
      Integration changed,
      long expectedVersion,
      boolean reschedule,
      Optional<AuditEvent> event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), changed.organization());
          event.ifPresent(each -> OwnRows.require(context.organization(), each.organization()));
          RowKey key = key(context, changed.id());
          Integration before = rows.get(key);
          if (before == null || before.version() != expectedVersion) {
            return false;
          }
          Instant next = reschedule ? changed.nextCheckAt() : before.nextCheckAt();
          rows.put(key, row(changed, before, before.lastUsedAt(), next));
          event.ifPresent(storage::write);
          return true;
        });
  }

  @Override
  public void used(TenantContext context, IntegrationId id, Instant at) {
    engine.run(
        context,
        () -> {
          Integration before = rows.get(key(context, id));
          if (before != null && before.lastUsedAt().filter(used -> !used.isBefore(at)).isEmpty()) {
            rows.put(key(context, id), row(before, before, Optional.of(at), before.nextCheckAt()));
          }
          return true;
        });
  }

  @Override
  public boolean delete(
      TenantContext context, IntegrationId id, long expectedVersion, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          Integration row = rows.get(key(context, id));
          if (row == null || row.version() != expectedVersion) {
            return false;
          }
          rows.remove(key(context, id));
          storage.write(event);
          return true;
        });
  }

  @Override
  public List<OrganizationId> organizationsDue(Instant now, @Nullable String afterId, int limit) {
    return engine.run(
        () ->
            rows.all().stream()
                .filter(row -> isDue(row, now))
                .map(Integration::organization)
                .filter(id -> afterId == null || id.value().compareTo(afterId) > 0)
                .distinct()
                .filter(id -> ActiveOrganizations.has(storage, id))
                .limit(limit)
                .toList());
  }

  @Override
  public List<Integration> due(
      TenantContext context, Instant now, @Nullable String afterId, int limit) {
    return engine.run(
        context, () -> mine(context, afterId).filter(row -> isDue(row, now)).limit(limit).toList());
  }

  @Override
  public boolean claim(TenantContext context, IntegrationId id, Instant now, Instant dueAgainAt) {
    return engine.run(
        context,
        () -> {
          Integration before = rows.get(key(context, id));
          if (before == null || !isDue(before, now)) {
            return false;
          }
          rows.put(key(context, id), row(before, before, before.lastUsedAt(), dueAgainAt));
          return true;
        });
  }

  private static boolean isDue(Integration row, Instant now) {
    return row.status() != IntegrationStatus.DISABLED && !row.nextCheckAt().isAfter(now);
  }

  private Stream<Integration> mine(TenantContext context, @Nullable String afterId) {
    return rows.after(new RowKey(context.organization(), afterId == null ? "" : afterId)).stream()
        .takeWhile(row -> row.organization().equals(context.organization()));
  }

  /** What a verb may not change is taken from the row that is there. */
  private static Integration row(
      Integration changed, Integration before, Optional<Instant> usedAt, Instant nextCheckAt) {
    return new Integration(
        changed.id(),
        changed.organization(),
        before.provider(),
        before.environment(),
        changed.name(),
        changed.status(),
        changed.config(),
        changed.verdict(),
        changed.errorMessage(),
        changed.credentialVersion(),
        before.createdBy(),
        before.createdAt(),
        changed.updatedAt(),
        usedAt,
        changed.lastVerifiedAt(),
        nextCheckAt,
        changed.version());
  }

  private static RowKey key(TenantContext context, IntegrationId id) {
    return new RowKey(context.organization(), id.value());
  }
}
