package io.tenantkit.jdbc;

import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.DatabaseUnsafeException.Finding;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.OrganizationId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Holds the host's own PostgreSQL schema to what ours is held to, in the host's own tests: every
 * table with an organization column has row level security that cannot be passed by.
 *
 * <pre>{@code
 * RowLevelSecurityKit kit = RowLevelSecurityKit.over(appPool)
 *     .sample("public.invoices", (connection, organization) -> insertInvoice(connection, organization));
 * assertThat(kit.check()).isEmpty();
 * assertThat(kit.attack(OrganizationId.of("acme"), OrganizationId.of("globex"))).isEmpty();
 * }</pre>
 *
 * <p>{@link #check} reads the catalogs; {@link #attack} tries. Both answer what they found, each
 * with the SQL that mends it, and change nothing. Neither looks at definer functions outside of the
 * schema {@code tenantkit}. Not safe for use by several threads; blocks on the database.
 */
public final class RowLevelSecurityKit {
  private static final int MAX_NAME = 255;

  private final DataSource application;
  private final List<String> schemas = new ArrayList<>();
  private final Set<String> globalKeys = new LinkedHashSet<>();
  private final Map<String, SampleRow> samples = new LinkedHashMap<>();
  private String column = "organization_id";

  /** Puts a row of an organization into one of the host's tables. */
  @FunctionalInterface
  public interface SampleRow {
    /**
     * Inserts it, and whatever rows of the same organization it refers to.
     *
     * @param connection in a transaction of the kit, which is rolled back
     * @param organization whose row
     */
    void insert(Connection connection, OrganizationId organization) throws SQLException;
  }

  private RowLevelSecurityKit(DataSource application) {
    this.application = Objects.requireNonNull(application, "application");
  }

  /**
   * A kit for every schema but ours and PostgreSQL's own.
   *
   * @param application the pool that the host's requests use, logged in as the application role
   */
  public static RowLevelSecurityKit over(DataSource application) {
    return new RowLevelSecurityKit(application);
  }

  /** The column that names the organization, {@code organization_id} unless set. */
  public RowLevelSecurityKit column(String name) {
    this.column = Texts.require("column", name, MAX_NAME);
    return this;
  }

  /** Looks at these schemas only. */
  public RowLevelSecurityKit schemas(String... names) {
    schemas.addAll(List.of(names));
    return this;
  }

  /**
   * Accepts a unique key over all tenants, by the name of its index. Whoever inserts into it learns
   * of a conflict with another tenant's row, so its values should be nothing that can be guessed.
   */
  public RowLevelSecurityKit globalKey(String index) {
    globalKeys.add(index);
    return this;
  }

  /**
   * How to get a row into a table, for {@link #attack}.
   *
   * @param table with its schema, as SQL writes it, for example {@code public.invoices}
   */
  public RowLevelSecurityKit sample(String table, SampleRow row) {
    samples.put(table, Objects.requireNonNull(row, "row"));
    return this;
  }

  /**
   * Reads the catalogs.
   *
   * @return what makes row level security void, leaky or slow; empty when nothing does
   * @throws TenantkitException when the database cannot be asked
   */
  public List<Finding> check() {
    return onConnection(
        connection -> {
          List<Finding> findings = new ArrayList<>();
          find(connection, findings, "role.attribute", SelfCheckSql.ATTRIBUTES);
          find(connection, findings, "role.switched", SelfCheckSql.SWITCHED_ROLE);
          find(connection, findings, "role.setting", SelfCheckSql.TENANT_PRESET);
          inTables(connection, findings, "role.owner", HostSchemaSql.OWNERS);
          inTables(connection, findings, "grant.table", HostSchemaSql.GRANTS);
          inTables(connection, findings, "table.rls", HostSchemaSql.NOT_ENABLED);
          inTables(connection, findings, "table.force", HostSchemaSql.NOT_FORCED);
          inTables(connection, findings, "policy.missing", HostSchemaSql.POLICY_MISSING);
          policies(connection, findings);
          inTables(connection, findings, "index.missing", HostSchemaSql.INDEX_MISSING);
          // Before the unique keys that the references of today may need.
          inTables(connection, findings, "key.foreign", HostSchemaSql.FOREIGN_KEYS);
          inTables(connection, findings, "key.unique", HostSchemaSql.UNIQUE_KEYS);
          views(connection, findings);
          return findings;
        });
  }

  /**
   * Tries, as one organization, to read, change, delete, take over and forge a row of another, in
   * every table, with {@link #sample}s. All of it is rolled back.
   *
   * @return what succeeded, and the tables without a sample; empty when nothing did
   * @throws TenantkitException when the database cannot be asked
   */
  public List<Finding> attack(OrganizationId mine, OrganizationId other) {
    return onConnection(
        connection -> {
          List<Finding> findings = new ArrayList<>();
          for (TenantTable table : tables(connection)) {
            SampleRow sample = samples.get(table.name());
            if (sample == null) {
              findings.add(
                  new Finding(
                      "try.sample",
                      table.name() + " was not tried, for it has no sample",
                      "-- sample(\"" + table.name() + "\", …)"));
            } else {
              findings.addAll(new TenantTableAttack(connection, table, sample).run(mine, other));
            }
          }
          return findings;
        });
  }

  private List<TenantTable> tables(Connection connection) throws SQLException {
    List<TenantTable> tables = new ArrayList<>();
    try (PreparedStatement statement = prepare(connection, HostSchemaSql.TABLES);
        ResultSet found = statement.executeQuery()) {
      while (found.next()) {
        tables.add(
            new TenantTable(
                found.getString("name"),
                found.getString("tenant_column"),
                found.getString("policy")));
      }
    }
    return tables;
  }

  private void policies(Connection connection, List<Finding> findings) throws SQLException {
    try (PreparedStatement statement = prepare(connection, HostSchemaSql.POLICIES);
        ResultSet found = statement.executeQuery()) {
      while (found.next()) {
        String tenantColumn = found.getString("tenant_column");
        String command = found.getString("command");
        String using = found.getString("using_expression");
        String check = found.getString("check_expression");
        String name = found.getString("policy") + " on " + found.getString("name");
        boolean open =
            CurrentTenantPolicy.reads(command) && !CurrentTenantPolicy.holds(tenantColumn, using);
        boolean openCheck = check != null && !CurrentTenantPolicy.holds(tenantColumn, check);
        if (open || openCheck) {
          findings.add(
              new Finding(
                  "policy.open",
                  "policy " + name + " is not exactly: the organization is the current tenant",
                  found.getString("remove")));
        } else if (check == null && CurrentTenantPolicy.writes(command)) {
          findings.add(
              new Finding(
                  "policy.check",
                  "policy " + name + " has no WITH CHECK",
                  found.getString("add_check")));
        }
      }
    }
  }

  private void views(Connection connection, List<Finding> findings) throws SQLException {
    try (PreparedStatement statement = prepare(connection, HostSchemaSql.VIEWS)) {
      statement.setString(4, connection.getMetaData().getUserName());
      add(statement, findings, "view.definer");
    }
  }

  private void inTables(Connection connection, List<Finding> findings, String code, String sql)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql)) {
      add(statement, findings, code);
    }
  }

  private static void find(Connection connection, List<Finding> findings, String code, String sql)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      add(statement, findings, code);
    }
  }

  private static void add(PreparedStatement statement, List<Finding> findings, String code)
      throws SQLException {
    try (ResultSet found = statement.executeQuery()) {
      while (found.next()) {
        findings.add(new Finding(code, found.getString("problem"), found.getString("remedy")));
      }
    }
  }

  private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setString(1, column);
    statement.setString(2, String.join("\n", schemas));
    statement.setString(3, String.join("\n", globalKeys));
    return statement;
  }

  /** What is done on one connection. */
  private interface Look {
    List<Finding> at(Connection connection) throws SQLException;
  }

  private List<Finding> onConnection(Look look) {
    ConnectionSource source = application::getConnection;
    Connection connection;
    try {
      connection = source.take();
    } catch (SQLException e) {
      throw SqlErrors.connecting(Dialect.POSTGRESQL, e);
    }
    try {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        return List.copyOf(look.at(connection));
      } finally {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
      }
    } catch (SQLException e) {
      throw SqlErrors.statement(Dialect.POSTGRESQL, e);
    } finally {
      Schema.giveBack(source, connection);
    }
  }
}
