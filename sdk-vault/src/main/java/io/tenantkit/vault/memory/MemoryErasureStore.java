package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.WrappedKeyStore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

final class MemoryErasureStore implements ErasureStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryErasures erasures;
  private final MemoryOrganizationKeyStore organizationKeys;
  private final MemorySecrets secrets;
  private final MemoryMarks marks;
  private final WrappedKeyStore keys;

  MemoryErasureStore(
      InMemoryStorage storage,
      MemoryEngine engine,
      MemoryErasures erasures,
      MemoryOrganizationKeyStore organizationKeys,
      MemorySecrets secrets,
      MemoryMarks marks) {
    this.storage = storage;
    this.engine = engine;
    this.erasures = erasures;
    this.organizationKeys = organizationKeys;
    this.secrets = secrets;
    this.marks = marks;
    this.keys = new MemoryWrappedKeys(storage, engine);
  }

  @Override
  public boolean isErased(TenantContext context) {
    return engine.run(context, () -> erasures.contains(context.organization()));
  }

  @Override
  public Optional<List<String>> eraseOrganization(
      TenantContext context, StoredErasure erasure, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), erasure.organization());
          storage.requireOrganization(context);
          boolean added = keep(erasure);
          marks.removeAll(context.organization());
          List<String> destroyed = organizationKeys.removeAll(context.organization());
          if (!added && destroyed.isEmpty()) {
            return Optional.empty();
          }
          storage.erase(context);
          write(context, event);
          return Optional.of(destroyed);
        });
  }

  @Override
  public boolean eraseSecret(TenantContext context, StoredErasure erasure, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), erasure.organization());
          storage.requireOrganization(context);
          boolean added = keep(erasure);
          if (!secrets.remove(context, erasure.secretId()) && !added) {
            return false;
          }
          write(context, event);
          return true;
        });
  }

  private boolean keep(StoredErasure erasure) {
    RowKey key = new RowKey(erasure.organization(), erasure.id());
    if (erasures.rows.get(key) != null) {
      return false;
    }
    erasures.rows.put(key, erasure);
    return true;
  }

  private void write(TenantContext context, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    storage.write(event);
  }

  @Override
  public List<StoredErasure> list(TenantContext context) {
    return engine.run(
        context,
        () ->
            erasures.rows.after(new RowKey(context.organization(), "")).stream()
                .takeWhile(row -> row.organization().equals(context.organization()))
                .toList());
  }

  @Override
  public List<StoredErasure> list(Operator operator, @Nullable StoredErasure after, int limit) {
    return engine.run(
        operator,
        () ->
            (after == null
                    ? erasures.rows.all()
                    : erasures.rows.after(new RowKey(after.organization(), after.id())))
                .stream().limit(limit).toList());
  }

  @Override
  public WrappedKeyStore keys() {
    return keys;
  }
}
