package io.tenantkit.memory;

import io.tenantkit.tck.MasterKeyStoreContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryMasterKeyStoreTest extends MasterKeyStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
