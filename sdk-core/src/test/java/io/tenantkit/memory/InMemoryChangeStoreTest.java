package io.tenantkit.memory;

import io.tenantkit.tck.ChangeStoreContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryChangeStoreTest extends ChangeStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
