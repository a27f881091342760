package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.tck.StorageHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Late commits on PostgreSQL. */
final class PostgresqlLateCommitTest extends LateCommits {
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(8);
    admin = database.admin(2);
  }

  @AfterAll
  static void closePools() {
    app.close();
    admin.close();
  }

  @Override
  StorageHarness openHarness() {
    return Harness.postgresql(database, app, admin);
  }
}
