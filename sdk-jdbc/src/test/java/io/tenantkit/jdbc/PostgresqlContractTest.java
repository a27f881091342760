package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.tck.StorageHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contracts on PostgreSQL, as the application and the admin role. */
final class PostgresqlContractTest extends StorageContracts {
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(8);
    admin = database.admin(8);
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
