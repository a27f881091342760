package io.tenantkit.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

final class H2HostCredentialsTest extends HostCredentials {
  @TempDir private Path folder;
  private JdbcStorage storage;

  @Override
  JdbcStorage open() throws SQLException {
    storage = JdbcStorage.h2(folder.resolve("control")).open();
    sql(
        """
        CREATE TABLE integrations (
          id integer PRIMARY KEY, organization_id varchar(255) NOT NULL, provider varchar(64) NOT NULL,
          key_id varchar(4096), key_secret varchar(4096), credentials_migrated boolean NOT NULL)""");
    return storage;
  }

  @Override
  void sql(String sql) throws SQLException {
    try (Connection connection = storage.connection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
      connection.commit();
    }
  }

  /** There is one role. */
  @Override
  void grant(String table) {}

  @Override
  List<@Nullable String> ask(String sql) throws SQLException {
    return texts(storage.connection(), sql);
  }
}
