package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On PostgreSQL, as a superuser. */
final class PostgresqlAuditTamperingTest extends AuditTampering {
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(2);
    admin = database.admin(2);
  }

  @AfterAll
  static void closePools() {
    app.close();
    admin.close();
  }

  @Override
  Harness open() {
    return Harness.postgresql(database, app, admin);
  }

  @Override
  void tamper(String sql) {
    // Neither triggers nor foreign keys.
    database.asDba("SET session_replication_role = replica; " + sql);
  }

  @Override
  void tamper(String sql, boolean withTrigger) {
    database.asDba(sql);
  }

  @Override
  String literal(String hex) {
    return "'\\x" + hex + "'";
  }

  @Override
  boolean foundBySql() {
    try (Connection connection = admin.getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(verifyAudit("postgresql"))) {
      return found.next();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
