package io.tenantkit.memory;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.spi.UsageStore;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Optional;

/** The use of keys in the in-memory storage. */
final class MemoryUsage implements UsageStore {
  private static final Usage NEVER = new Usage(0, Optional.empty());

  private final MemoryEngine engine;
  private final MemoryTable<RowKey, StoredApiKey> keys;
  private final MemoryTable<RowKey, Usage> usage;
  private final MemoryTable<String, Long> sequences;

  MemoryUsage(MemoryEngine engine, MemoryTable<RowKey, StoredApiKey> keys) {
    this.engine = engine;
    this.keys = keys;
    this.usage = engine.table();
    this.sequences = engine.table();
  }

  @Override
  public List<UsageBatch.Use> add(UsageBatch batch) {
    return engine.run(
        () -> {
          Long written = sequences.get(batch.node());
          if (written == null || written < batch.sequence()) {
            sequences.put(batch.node(), batch.sequence());
            batch.uses().forEach(this::add);
          }
          return List.of();
        });
  }

  private void add(UsageBatch.Use use) {
    RowKey row = new RowKey(use.organization(), use.key().value());
    if (keys.get(row) == null) {
      return;
    }
    Usage before = of(row);
    usage.put(
        row,
        new Usage(
            before.count() + use.count(),
            before
                .lastAt()
                .filter(at -> at.isAfter(use.lastAt()))
                .or(() -> Optional.of(use.lastAt()))));
  }

  /** Within a verb. */
  Usage of(RowKey row) {
    Usage found = usage.get(row);
    return found == null ? NEVER : found;
  }

  @Override
  public Optional<Usage> find(TenantContext context, ApiKeyId id) {
    return engine.run(
        context,
        () -> {
          RowKey row = new RowKey(context.organization(), id.value());
          return keys.get(row) == null ? Optional.empty() : Optional.of(of(row));
        });
  }
}
