package io.tenantkit.vault.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.vault.tck.VaultKeysContract;

class InMemoryVaultKeysTest extends VaultKeysContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryVaultHarness();
  }
}
