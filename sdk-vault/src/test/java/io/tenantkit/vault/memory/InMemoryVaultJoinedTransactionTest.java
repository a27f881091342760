package io.tenantkit.vault.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.vault.tck.VaultJoinedTransactionContract;

class InMemoryVaultJoinedTransactionTest extends VaultJoinedTransactionContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryVaultHarness();
  }
}
