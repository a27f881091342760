package io.tenantkit.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tck.TenantIsolationContract;

class InMemoryTenantIsolationTest extends TenantIsolationContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
