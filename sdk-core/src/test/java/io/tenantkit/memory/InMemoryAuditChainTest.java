package io.tenantkit.memory;

import io.tenantkit.tck.AuditChainContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryAuditChainTest extends AuditChainContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
