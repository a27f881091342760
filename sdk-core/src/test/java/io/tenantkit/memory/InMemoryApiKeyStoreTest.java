package io.tenantkit.memory;

import io.tenantkit.tck.ApiKeyStoreContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryApiKeyStoreTest extends ApiKeyStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
