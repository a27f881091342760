package io.tenantkit.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Settings written by hand in the H2 file. */
final class H2HandWrittenSettingsTest extends HandWrittenSettings {
  private JdbcStorage storage;

  @Override
  Harness openHarness() {
    Harness harness = Harness.h2();
    storage = (JdbcStorage) harness.storage();
    return harness;
  }

  @Override
  Connection connect() throws SQLException {
    Connection connection = storage.connection();
    connection.setAutoCommit(true);
    return connection;
  }
}
