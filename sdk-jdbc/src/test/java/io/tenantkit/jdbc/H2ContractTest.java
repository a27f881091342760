package io.tenantkit.jdbc;

import io.tenantkit.tck.StorageHarness;

/** The contracts on an H2 file. */
final class H2ContractTest extends StorageContracts {

  @Override
  StorageHarness newHarness() {
    return Harness.h2();
  }
}
