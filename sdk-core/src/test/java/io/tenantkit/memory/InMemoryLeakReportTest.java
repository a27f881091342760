package io.tenantkit.memory;

import io.tenantkit.tck.LeakReportContract;
import io.tenantkit.tck.StorageHarness;

class InMemoryLeakReportTest extends LeakReportContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
