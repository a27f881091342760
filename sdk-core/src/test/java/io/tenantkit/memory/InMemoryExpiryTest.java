package io.tenantkit.memory;

import io.tenantkit.tck.ExpiryContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryExpiryTest extends ExpiryContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
