package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.tck.AuditChainContract;
import io.tenantkit.tck.ConcurrencyContract;
import io.tenantkit.tck.KeyLifeContract;
import io.tenantkit.tck.StorageHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The contracts that race, with a connection for each of their threads. */
final class PostgresqlWidePoolTest {
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(100);
    admin = database.admin(8);
  }

  @AfterAll
  static void closePools() {
    app.close();
    admin.close();
  }

  @Nested
  final class KeyLife extends KeyLifeContract {
    @Override
    protected StorageHarness openHarness() {
      return Harness.postgresql(database, app, admin);
    }
  }

  @Nested
  final class Concurrency extends ConcurrencyContract {
    @Override
    protected StorageHarness openHarness() {
      return Harness.postgresql(database, app, admin);
    }
  }

  @Nested
  final class AuditChain extends AuditChainContract {
    @Override
    protected StorageHarness openHarness() {
      return Harness.postgresql(database, app, admin);
    }
  }
}
