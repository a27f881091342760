package io.tenantkit.jdbc;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.jdbc.DatabaseUnsafeException.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the start for whatever would make row level security void on PostgreSQL, from the
 * catalogs, as the very roles that will run. Each check is one query that answers the problem and
 * the SQL that mends it; what it does not look at is in SECURITY.md.
 */
final class SelfCheck {
  private final Connection connection;
  private final Schema.Installation installation;
  private final Set<Finding> findings;

  private SelfCheck(
      Connection connection, Schema.Installation installation, Set<Finding> findings) {
    this.connection = connection;
    this.installation = installation;
    this.findings = findings;
  }

  /**
   * Checks both pools.
   *
   * @return what is not fit for production, but not unsafe
   * @throws DatabaseUnsafeException naming everything that was found
   */
  static List<ReadinessIssue> run(
      Schema.Installation installation,
      ConnectionSource application,
      @Nullable ConnectionSource admin) {
    Set<Finding> findings = new LinkedHashSet<>();
    List<ReadinessIssue> readiness = new ArrayList<>();
    check(
        application,
        connection -> {
          SelfCheck check = new SelfCheck(connection, installation, findings);
          check.role(installation.applicationRole());
          check.tables();
          check.policies();
          check.views();
          check.functions();
          check.triggers();
          readiness.addAll(check.readiness());
        });
    if (admin != null) {
      check(
          admin,
          connection -> {
            SelfCheck check = new SelfCheck(connection, installation, findings);
            check.role(installation.adminRole());
            check.adminPolicies();
          });
    }
    if (!findings.isEmpty()) {
      throw new DatabaseUnsafeException(List.copyOf(findings));
    }
    return readiness;
  }

  /** What is looked at on one connection. */
  private interface Look {
    void at(Connection connection) throws SQLException;
  }

  private static void check(ConnectionSource source, Look look) {
    Connection connection;
    try {
      connection = source.take();
    } catch (SQLException e) {
      throw SqlErrors.connecting(Dialect.POSTGRESQL, e);
    }
    try {
      look.at(connection);
    } catch (SQLException e) {
      throw SqlErrors.statement(Dialect.POSTGRESQL, e);
    } finally {
      Schema.giveBack(source, connection);
    }
  }

  private void role(String expected) throws SQLException {
    find("role.unexpected", SelfCheckSql.WRONG_ROLE, expected);
    find("role.switched", SelfCheckSql.SWITCHED_ROLE);
    find("role.setting", SelfCheckSql.TENANT_PRESET);
    find("role.attribute", SelfCheckSql.ATTRIBUTES);
    find("role.owner", SelfCheckSql.OWNS);
    find("role.member", SelfCheckSql.MEMBERSHIPS);
    find("grant.schema", SelfCheckSql.SCHEMA_CREATE);
    find("grant.table", SelfCheckSql.TABLE_GRANTS);
    find("grant.column", SelfCheckSql.COLUMN_GRANTS);
    find("grant.missing", SelfCheckSql.GRANTS_MISSING);
  }

  private void tables() throws SQLException {
    find("table.rls", SelfCheckSql.NOT_ENABLED);
    find("table.force", SelfCheckSql.NOT_FORCED);
    find("audit.chain", SelfCheckSql.AUDIT_CHAIN);
  }

  private void policies() throws SQLException {
    find("policy.missing", SelfCheckSql.POLICY_MISSING, installation.applicationRole());
    find("policy.open", SelfCheckSql.POLICY_OPEN, installation.applicationRole());
  }

  private void adminPolicies() throws SQLException {
    find("policy.admin", SelfCheckSql.ADMIN_POLICY_MISSING, installation.adminRole());
  }

  private void views() throws SQLException {
    find("view.definer", SelfCheckSql.VIEWS, installation.applicationRole());
  }

  private void functions() throws SQLException {
    find("function.foreign", SelfCheckSql.FUNCTION_ELSEWHERE);
    find("function.search_path", SelfCheckSql.FUNCTION_SEARCH_PATH);
    find("function.public", SelfCheckSql.FUNCTION_PUBLIC);
    find("function.owner", SelfCheckSql.FUNCTION_OWNER);
    // Last, since what is to be dropped cannot be altered after. A newer schema may have entries
    // that this library does not know; they still must be pinned and closed.
    boolean newer = installation.version() > CrossTenantFunctions.SCHEMA_VERSION;
    if (!newer) {
      find("function.unlisted", SelfCheckSql.FUNCTION_UNLISTED, CrossTenantFunctions.signatures());
    }
    find("role.lookup", SelfCheckSql.LOOKUP_ROLE);
  }

  private void triggers() throws SQLException {
    find("trigger.changes", SelfCheckSql.TRIGGERS);
  }

  private List<ReadinessIssue> readiness() throws SQLException {
    List<ReadinessIssue> issues = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(SelfCheckSql.READINESS);
        ResultSet found = statement.executeQuery()) {
      while (found.next()) {
        issues.add(new ReadinessIssue(found.getString("code"), found.getString("message")));
      }
    }
    return issues;
  }

  /** Each row is a problem and its remedy. */
  private void find(String code, String sql, String... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          findings.add(new Finding(code, found.getString("problem"), found.getString("remedy")));
        }
      }
    }
  }
}
