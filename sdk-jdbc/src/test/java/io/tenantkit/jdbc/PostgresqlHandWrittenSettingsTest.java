package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Settings written by hand on PostgreSQL. */
final class PostgresqlHandWrittenSettingsTest extends HandWrittenSettings {
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(2);
    admin = database.admin(1);
  }

  @AfterAll
  static void closePools() {
    app.close();
    admin.close();
  }

  @Override
  Harness openHarness() {
    return Harness.postgresql(database, app, admin);
  }

  @Override
  Connection connect() throws SQLException {
    return database.dba();
  }
}
