package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A row that is locked until it is let go, and who waits meanwhile. */
final class HeldRow extends LockWaits {
  private final Connection holder;

  /**
   * Locks what the condition finds.
   *
   * @param where which rows of {@code tenantkit.TABLE}
   */
  HeldRow(Cluster.Database database, String table, String where) throws SQLException {
    super(database);
    holder = database.dba();
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT 1 FROM tenantkit." + table + " WHERE " + where + " FOR UPDATE")) {
      assertThat(row.next()).as("there is such a row").isTrue();
    }
  }

  /** Lets the row go. */
  void release() throws SQLException {
    holder.rollback();
  }

  @Override
  public void close() throws SQLException {
    holder.close();
    super.close();
  }
}
