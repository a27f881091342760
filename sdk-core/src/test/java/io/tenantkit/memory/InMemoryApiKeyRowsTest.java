package io.tenantkit.memory;

import io.tenantkit.tck.ApiKeyRowsContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryApiKeyRowsTest extends ApiKeyRowsContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
