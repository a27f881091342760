package io.tenantkit.memory;

import io.tenantkit.tck.KeyLifeContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryKeyLifeTest extends KeyLifeContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
