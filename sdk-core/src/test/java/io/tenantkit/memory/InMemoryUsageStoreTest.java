package io.tenantkit.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tck.UsageStoreContract;

class InMemoryUsageStoreTest extends UsageStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
