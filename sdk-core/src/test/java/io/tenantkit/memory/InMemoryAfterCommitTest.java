package io.tenantkit.memory;

import io.tenantkit.tck.AfterCommitContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryAfterCommitTest extends AfterCommitContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
