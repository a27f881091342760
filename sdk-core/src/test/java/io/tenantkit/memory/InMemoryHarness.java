package io.tenantkit.memory;

import io.tenantkit.Storage;
import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.util.function.Function;

/** The in-memory storage under the contracts. */
public final class InMemoryHarness implements StorageHarness {
  private final InMemoryStorage storage = InMemoryStorage.create();

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
