package io.tenantkit.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Where connections come from. */
@FunctionalInterface
interface ConnectionSource {
  /** Waits, within the source's own bound, for a connection. */
  Connection take() throws SQLException;

  /** Gives it back. */
  default void give(Connection connection) throws SQLException {
    connection.close();
  }
}
