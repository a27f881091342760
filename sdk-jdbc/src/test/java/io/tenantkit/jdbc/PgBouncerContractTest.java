package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.tck.StorageHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contracts through PgBouncer in transaction mode, with fewer server connections than pool. */
final class PgBouncerContractTest extends StorageContracts {
  private static Cluster.Database database;
  private static PgBouncer bouncer;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    bouncer = PgBouncer.before(database, 4);
    app = bouncer.pool(database.roles().application(), 8);
    admin = bouncer.pool(database.roles().admin(), 8);
  }

  @AfterAll
  static void closePools() {
    if (bouncer != null) {
      app.close();
      admin.close();
      bouncer.close();
    }
  }

  @Override
  StorageHarness newHarness() {
    return Harness.postgresql(database, app, admin);
  }
}
