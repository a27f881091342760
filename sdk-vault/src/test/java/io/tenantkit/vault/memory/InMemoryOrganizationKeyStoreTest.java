package io.tenantkit.vault.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.vault.tck.OrganizationKeyStoreContract;

class InMemoryOrganizationKeyStoreTest extends OrganizationKeyStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryVaultHarness();
  }
}
