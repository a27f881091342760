package io.tenantkit.vault.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.vault.tck.WebhookContract;

class InMemoryWebhookTest extends WebhookContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryVaultHarness();
  }
}
