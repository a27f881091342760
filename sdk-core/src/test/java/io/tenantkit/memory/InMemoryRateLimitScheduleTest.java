package io.tenantkit.memory;

import io.tenantkit.tck.RateLimitScheduleContract;
import io.tenantkit.tck.StorageHarness;

final class InMemoryRateLimitScheduleTest extends RateLimitScheduleContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
