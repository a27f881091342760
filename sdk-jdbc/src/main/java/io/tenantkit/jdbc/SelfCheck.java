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
  private static final int PARAMETERS_SINCE = 15;

  private final Connection connection;
  private final Schema.Installation installation;
  private final Set<Finding> findings;
  private final boolean newer;

  private SelfCheck(
      Connection connection, Schema.Installation installation, Set<Finding> findings) {
    this.connection = connection;
    this.installation = installation;
    this.findings = findings;
    this.newer = installation.version() > CrossTenantFunctions.SCHEMA_VERSION;
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
          check.grants();
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
    if (connection.getMetaData().getDatabaseMajorVersion() >= PARAMETERS_SINCE) {
      find("role.parameter", SelfCheckSql.PARAMETERS);
    }
    find("grant.schema", PrivilegeSql.SCHEMA_CREATE);
    find("grant.missing", PrivilegeSql.GRANTS_MISSING);
    find("grant.missing", FunctionSql.CALL_MISSING, CrossTenantFunctions.calls());
  }

  /** Of all our roles, whichever of them has a pool here. */
  private void grants() throws SQLException {
    find("grant.option", PrivilegeSql.GRANT_OPTIONS);
    find("grant.table", PrivilegeSql.TABLE_GRANTS, Boolean.toString(newer));
    find("grant.column", PrivilegeSql.COLUMN_GRANTS, Boolean.toString(newer));
    if (!newer) {
      find("grant.function", FunctionSql.CALL_BEYOND, CrossTenantFunctions.calls());
    }
  }

  private void tables() throws SQLException {
    find("table.rls", RowSecuritySql.NOT_ENABLED);
    find("table.force", RowSecuritySql.NOT_FORCED);
  }

  private void policies() throws SQLException {
    find("policy.missing", RowSecuritySql.POLICY_MISSING, installation.applicationRole());
    find("policy.open", RowSecuritySql.POLICY_OPEN, installation.applicationRole());
  }

  private void adminPolicies() throws SQLException {
    find("policy.admin", RowSecuritySql.ADMIN_POLICY_MISSING, installation.adminRole());
  }

  private void views() throws SQLException {
    find("view.definer", RowSecuritySql.VIEWS, installation.applicationRole());
  }

  private void functions() throws SQLException {
    find("function.foreign", FunctionSql.FUNCTION_ELSEWHERE);
    find("function.missing", FunctionSql.FUNCTION_MISSING, CrossTenantFunctions.calls());
    find("function.search_path", FunctionSql.FUNCTION_SEARCH_PATH);
    find("function.public", FunctionSql.FUNCTION_PUBLIC);
    find("function.owner", FunctionSql.FUNCTION_OWNER, CrossTenantFunctions.plain());
    find("function.plain", FunctionSql.PLAIN, CrossTenantFunctions.plain());
    find("role.lookup", FunctionSql.LOOKUP_ROLE);
    // Last, since what is to be dropped cannot be altered after. A newer schema may have entries
    // that this library does not know; they still must be pinned and closed.
    if (!newer) {
      bodies();
      find("function.changed", FunctionSql.SUPER_ADMIN, installation.adminRole());
      find("function.unlisted", FunctionSql.FUNCTION_UNLISTED, CrossTenantFunctions.all());
    }
  }

  private void bodies() throws SQLException {
    FunctionBodies ours = new FunctionBodies();
    try (PreparedStatement statement = connection.prepareStatement(FunctionSql.BODIES)) {
      statement.setString(1, CrossTenantFunctions.all());
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          ours.judge(found.getString("signature"), found.getString("prosrc"))
              .ifPresent(findings::add);
        }
      }
    }
  }

  private void triggers() throws SQLException {
    for (String code : List.of("audit.chain", "trigger.guard", "trigger.changes")) {
      find(code, TriggerSql.TRIGGERS, Boolean.toString(newer), code);
    }
    find("table.epoch", TriggerSql.EPOCH);
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
