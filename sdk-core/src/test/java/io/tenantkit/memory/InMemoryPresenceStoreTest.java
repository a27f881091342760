package io.tenantkit.memory;

import io.tenantkit.tck.PresenceStoreContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryPresenceStoreTest extends PresenceStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
