package io.tenantkit.memory;

import io.tenantkit.tck.SeedContract;
import io.tenantkit.tck.StorageHarness;

class InMemorySeedTest extends SeedContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
