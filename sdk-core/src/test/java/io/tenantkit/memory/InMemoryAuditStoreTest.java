package io.tenantkit.memory;

import io.tenantkit.tck.AuditStoreContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryAuditStoreTest extends AuditStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
