package io.tenantkit.memory;

import io.tenantkit.tck.LimitLifeContract;
import io.tenantkit.tck.StorageHarness;

final class InMemoryLimitLifeTest extends LimitLifeContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
