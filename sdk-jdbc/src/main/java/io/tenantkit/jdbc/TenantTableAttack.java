package io.tenantkit.jdbc;

import io.tenantkit.jdbc.DatabaseUnsafeException.Finding;
import io.tenantkit.tenant.OrganizationId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tries on one table what row level security must stop, each time from the same beginning. */
final class TenantTableAttack {
  private static final String FORBIDDEN = "42501";

  private final Connection connection;
  private final TenantTable table;
  private final RowLevelSecurityKit.SampleRow sample;
  private final List<Finding> findings = new ArrayList<>();

  TenantTableAttack(
      Connection connection, TenantTable table, RowLevelSecurityKit.SampleRow sample) {
    this.connection = connection;
    this.table = table;
    this.sample = sample;
  }

  List<Finding> run(OrganizationId mine, OrganizationId other) throws SQLException {
    String count = "SELECT count(*) FROM " + table.name() + " WHERE " + is();
    undone(
        () -> {
          tenant(other.value());
          sample.insert(connection, other);
          if (number(count, other.value()) == 0) {
            found("try.sample", "the sample's own row is not seen by its tenant");
          }
          tenant(mine.value());
          if (number(count, other.value()) > 0) {
            found("try.read", "another tenant's row can be read");
          }
          String same = "SET " + table.column() + " = " + table.column() + " WHERE " + is();
          if (changed("UPDATE " + table.name() + ' ' + same, other.value()) > 0) {
            found("try.update", "another tenant's row can be changed");
          }
          if (changed("DELETE FROM " + table.name() + " WHERE " + is(), other.value()) > 0) {
            found("try.delete", "another tenant's row can be deleted");
          }
          tenant("");
          if (number("SELECT count(*) FROM " + table.name(), null) > 0) {
            found("try.unset", "rows can be read without a tenant");
          }
        });
    undone(
        () -> {
          tenant(mine.value());
          if (!isForbidden(() -> sample.insert(connection, other))) {
            found("try.insert", "a row can be inserted for another tenant");
          }
        });
    undone(
        () -> {
          tenant(mine.value());
          sample.insert(connection, mine);
          String move = "UPDATE " + table.name() + " SET " + table.column() + " = ? WHERE " + is();
          if (!isForbidden(() -> update(move, other.value(), mine.value()))) {
            found("try.move", "an own row can be made another tenant's");
          }
        });
    return findings;
  }

  private String is() {
    return "CAST(" + table.column() + " AS text) = ?";
  }

  private void found(String code, String problem) {
    findings.add(new Finding(code, table.name() + ": " + problem, table.policy()));
  }

  /** Some of an attack. */
  private interface Attempt {
    void run() throws SQLException;
  }

  private void undone(Attempt attempt) throws SQLException {
    Savepoint savepoint = connection.setSavepoint();
    attempt.run();
    connection.rollback(savepoint);
  }

  /** Any other failure comes too late: the row was let through. */
  private boolean isForbidden(Attempt attempt) throws SQLException {
    Savepoint savepoint = connection.setSavepoint();
    try {
      attempt.run();
      return false;
    } catch (SQLException e) {
      connection.rollback(savepoint);
      return FORBIDDEN.equals(e.getSQLState());
    }
  }

  private int changed(String sql, String organization) throws SQLException {
    int[] count = {0};
    // Who may not write at all has not written.
    undone(() -> isForbidden(() -> count[0] = update(sql, organization)));
    return count[0];
  }

  private int update(String sql, String... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      return statement.executeUpdate();
    }
  }

  private long number(String sql, @Nullable String parameter) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (parameter != null) {
        statement.setString(1, parameter);
      }
      try (ResultSet found = statement.executeQuery()) {
        found.next();
        return found.getLong(1);
      }
    }
  }

  private void tenant(String organization) throws SQLException {
    Joins.set(Dialect.POSTGRESQL, connection, organization);
  }
}
