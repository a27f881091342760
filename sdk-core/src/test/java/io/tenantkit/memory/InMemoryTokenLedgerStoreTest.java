package io.tenantkit.memory;

import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tck.TokenLedgerStoreContract;

class InMemoryTokenLedgerStoreTest extends TokenLedgerStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
