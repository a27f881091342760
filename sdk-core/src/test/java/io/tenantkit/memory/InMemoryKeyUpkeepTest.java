package io.tenantkit.memory;

import io.tenantkit.tck.KeyUpkeepContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryKeyUpkeepTest extends KeyUpkeepContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
