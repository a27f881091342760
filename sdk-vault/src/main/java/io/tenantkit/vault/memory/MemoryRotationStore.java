package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.memory.MemoryRotations.Row;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.StoredRotation;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class MemoryRotationStore implements RotationStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;

  /** The secret of a key, if it is there; stands for a foreign key, since no id comes again. */
  private final Function<RowKey, @Nullable Secret> secrets;

  private final MemoryTable<RowKey, Row> rows;

  MemoryRotationStore(
      InMemoryStorage storage,
      MemoryEngine engine,
      MemoryRotations rotations,
      Function<RowKey, @Nullable Secret> secrets) {
    this.storage = storage;
    this.engine = engine;
    this.secrets = secrets;
    this.rows = rotations.rows;
  }

  @Override
  public Optional<StoredRotation> find(TenantContext context, SecretId secret) {
    return engine.run(
        context,
        () ->
            Optional.ofNullable(rows.get(key(context, secret)))
                .filter(this::isSeen)
                .map(Row::rotation));
  }

  @Override
  public boolean write(TenantContext context, StoredRotation row, Optional<AuditEvent> event) {
    return engine.run(
        context,
        () -> {
          event.ifPresent(told -> OwnRows.require(context.organization(), told.organization()));
          RowKey key = key(context, row.secret());
          Row before = rows.get(key);
          long revision = before == null ? 0 : before.rotation().revision();
          if (secrets.apply(key) == null || revision != row.revision() - 1) {
            return false;
          }
          rows.put(key, new Row(key, row));
          event.ifPresent(storage::write);
          return true;
        });
  }

  @Override
  public boolean remove(TenantContext context, StoredRotation row, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          RowKey key = key(context, row.secret());
          Row before = rows.get(key);
          if (before == null || before.rotation().revision() != row.revision()) {
            return false;
          }
          rows.remove(key);
          storage.write(event);
          return true;
        });
  }

  @Override
  public List<StoredRotation> list(
      TenantContext context, Instant dueBefore, @Nullable String afterId, int limit) {
    return engine.run(
        context,
        () ->
            mine(context, afterId)
                .filter(row -> isBefore(row.dueAt(), dueBefore))
                .filter(row -> context.environments().contains(row.ref().environment()))
                .limit(limit)
                .toList());
  }

  private static boolean isBefore(Optional<Instant> time, Instant bound) {
    return time.isPresent() && time.get().isBefore(bound);
  }

  @Override
  public List<StoredRotation> due(
      TenantContext context, Instant by, @Nullable String afterId, int limit) {
    return engine.run(
        context, () -> mine(context, afterId).filter(row -> isDue(row, by)).limit(limit).toList());
  }

  private static boolean isDue(StoredRotation row, Instant by) {
    return row.wakeAt().isPresent() && !row.wakeAt().get().isAfter(by);
  }

  @Override
  public List<OrganizationId> organizationsWithDue(
      Instant by, @Nullable String afterId, int limit) {
    return engine.run(
        () ->
            rows.all().stream()
                .filter(row -> isSeen(row) && isDue(row.rotation(), by))
                .map(row -> row.key().organization())
                .distinct()
                .filter(id -> ActiveOrganizations.has(storage, id))
                .filter(id -> afterId == null || id.value().compareTo(afterId) > 0)
                .sorted(Comparator.comparing(OrganizationId::value))
                .limit(limit)
                .toList());
  }

  private Stream<StoredRotation> mine(TenantContext context, @Nullable String afterId) {
    String after = afterId == null ? "" : afterId;
    return rows.after(new RowKey(context.organization(), after)).stream()
        .takeWhile(row -> row.key().organization().equals(context.organization()))
        .filter(this::isSeen)
        .map(Row::rotation);
  }

  private boolean isSeen(Row row) {
    Secret secret = secrets.apply(row.key());
    return secret != null && secret.deletedAt().isEmpty();
  }

  private static RowKey key(TenantContext context, SecretId secret) {
    return new RowKey(context.organization(), secret.value());
  }
}
