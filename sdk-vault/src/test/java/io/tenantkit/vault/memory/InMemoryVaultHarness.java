package io.tenantkit.vault.memory;

import io.tenantkit.Storage;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.util.function.Function;

/** The in-memory storage with its vault family under the contracts. */
final class InMemoryVaultHarness implements StorageHarness {
  private final InMemoryStorage storage = InMemoryStorage.create();

  InMemoryVaultHarness() {
    InMemoryVaultStores.in(storage);
  }

  @Override
  public Storage storage() {
    return storage;
  }

  @Override
  public <T> T inTransaction(TenantContext context, Function<TenantContext, T> work) {
    return storage.join(context, work);
  }

  @Override
  public <T> T inTransaction(Operator operator, Function<Operator, T> work) {
    return storage.join(operator, work);
  }

  @Override
  public <T> T nested(TenantContext joined, Function<TenantContext, T> work) {
    return storage.join(joined, work);
  }

  @Override
  public void close() {
    storage.close();
  }
}
