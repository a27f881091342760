package io.tenantkit.memory;

import io.tenantkit.tck.JoinedTransactionContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryJoinedTransactionTest extends JoinedTransactionContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
