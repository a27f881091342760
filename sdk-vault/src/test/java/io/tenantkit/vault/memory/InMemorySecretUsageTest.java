package io.tenantkit.vault.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.vault.tck.SecretUsageStoreContract;

class InMemorySecretUsageTest extends SecretUsageStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryVaultHarness();
  }
}
