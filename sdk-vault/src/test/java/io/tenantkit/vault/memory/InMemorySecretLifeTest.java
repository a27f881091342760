package io.tenantkit.vault.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.vault.tck.SecretLifeContract;

final class InMemorySecretLifeTest extends SecretLifeContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryVaultHarness();
  }
}
