package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.tck.StorageHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contracts on PostgreSQL with pools of a single connection: no call holds two. */
final class PostgresqlPoolOfOneContractTest extends StorageContracts {
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(1);
    admin = database.admin(1);
  }

  @AfterAll
  static void closePools() {
    app.close();
    admin.close();
  }

  @Override
  StorageHarness newHarness() {
    return Harness.postgresql(database, app, admin);
  }
}
