package io.tenantkit.memory;

import io.tenantkit.tck.RateLimitStoreContract;
import io.tenantkit.tck.StorageHarness;

final class InMemoryRateLimitStoreTest extends RateLimitStoreContract {
  @Override
  protected StorageHarness openHarness() {
    return new InMemoryHarness();
  }
}
