package io.tenantkit.vault.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.vault.tck.VaultAccessContract;

class InMemoryVaultAccessTest extends VaultAccessContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryVaultHarness();
  }
}
