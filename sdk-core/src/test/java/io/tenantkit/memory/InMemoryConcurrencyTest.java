package io.tenantkit.memory;

import io.tenantkit.tck.ConcurrencyContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryConcurrencyTest extends ConcurrencyContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
