package io.tenantkit.jdbc;

import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.StorageHarness;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;

/**
 * Late commits on the H2 file. A joined transaction is its only writer, so late is only what the
 * host changes by SQL of its own.
 */
final class H2LateCommitTest extends LateCommits {
  private static final String CHANGE =
      "UPDATE tenantkit.api_keys SET name = 'late' WHERE organization_id = ? AND id = ?";

  @Override
  StorageHarness openHarness() {
    return Harness.h2();
  }

  @Override
  boolean hold(StorageHarness harness, StoredApiKey key, CountDownLatch changed, CountDownLatch end)
      throws SQLException {
    try (Connection connection = ((JdbcStorage) harness.storage()).connection();
        PreparedStatement statement = connection.prepareStatement(CHANGE)) {
      statement.setString(1, key.key().organization().value());
      statement.setString(2, key.key().id().value());
      boolean done = statement.executeUpdate() == 1;
      changed.countDown();
      Race.await(end);
      connection.commit();
      return done;
    }
  }
}
