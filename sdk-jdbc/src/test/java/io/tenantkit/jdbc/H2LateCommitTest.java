package io.tenantkit.jdbc;

import io.tenantkit.tck.StorageHarness;

/** Late commits on the H2 file. */
final class H2LateCommitTest extends LateCommits {
  @Override
  StorageHarness openHarness() {
    return Harness.h2();
  }
}
