package io.tenantkit.memory;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyUse;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.spi.UsageStore;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The use of keys in the in-memory storage: in the rows of keys by id, of which nobody is told, as
 * opposed to those by hash.
 */
final class MemoryUsage implements UsageStore {
  private final MemoryEngine engine;
  private final MemoryTable<RowKey, StoredApiKey> keys;
  private final MemoryTable<String, Long> sequences;

  MemoryUsage(MemoryEngine engine, MemoryTable<RowKey, StoredApiKey> keys) {
    this.engine = engine;
    this.keys = keys;
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
    StoredApiKey stored = keys.get(row);
    if (stored == null) {
      return;
    }
    KeyUse before = stored.key().use();
    Instant last = before.lastAt().filter(at -> at.isAfter(use.lastAt())).orElse(use.lastAt());
    KeyUse after = new KeyUse(before.count() + use.count(), Optional.of(last));
    keys.put(row, new StoredApiKey(stored.key().withUse(after), stored.hash(), stored.creation()));
  }

  @Override
  public Optional<Usage> find(TenantContext context, ApiKeyId id) {
    return engine.run(
        context,
        () ->
            Optional.ofNullable(keys.get(new RowKey(context.organization(), id.value())))
                .map(stored -> stored.key().use())
                .map(use -> new Usage(use.count(), use.lastAt())));
  }
}
