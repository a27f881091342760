package io.tenantkit.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** On H2, as its only user. */
final class H2AuditTamperingTest extends AuditTampering {
  private @Nullable Harness harness;

  @Override
  Harness open() {
    harness = Harness.h2();
    return harness;
  }

  @Override
  void tamper(String sql) {
    run(
        "DROP TRIGGER tenantkit.audit_chain; "
            + sql
            + "; CREATE TRIGGER tenantkit.audit_chain BEFORE INSERT ON tenantkit.audit_events"
            + " FOR EACH ROW CALL \"io.tenantkit.jdbc.H2AuditChain\"");
  }

  @Override
  void tamper(String sql, boolean withTrigger) {
    run(sql);
  }

  private void run(String sql) {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private Connection connection() {
    return ((JdbcStorage) java.util.Objects.requireNonNull(harness).storage()).connection();
  }

  @Override
  String literal(String hex) {
    return "X'" + hex + "'";
  }

  @Override
  boolean foundBySql() {
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(verifyAudit("h2"))) {
      return found.next();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
