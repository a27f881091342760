package io.tenantkit.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tck.TeamStoreContract;

class InMemoryTeamStoreTest extends TeamStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
