package io.tenantkit.memory;

import io.tenantkit.tck.OrganizationStoreContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryOrganizationStoreTest extends OrganizationStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
