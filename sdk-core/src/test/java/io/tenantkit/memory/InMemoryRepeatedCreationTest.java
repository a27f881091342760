package io.tenantkit.memory;

import io.tenantkit.tck.RepeatedCreationContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryRepeatedCreationTest extends RepeatedCreationContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
