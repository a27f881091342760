package io.tenantkit.memory;

import io.tenantkit.tck.ExternalOrganizationStoreContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryExternalOrganizationStoreTest extends ExternalOrganizationStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
