package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The functions that a host's own policies and queries may call. */
final class HostFunctionsTest {
  private static final TenantContext ACME =
      TenantContext.trusted(OrganizationId.of("acme"), "test");
  private static final String TENANT = "SELECT tenantkit.get_current_tenant_id()";
  private static final String SUPER_ADMIN = "SELECT tenantkit.is_super_admin()";

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    HostTables.create(database);
    app = database.app(1);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
  }

  @AfterAll
  static void close() {
    app.close();
    admin.close();
  }

  @Test
  void currentTenantIsNullWhenUnsetAndWhenEmpty() throws Exception {
    try (Connection fresh = database.connect(database.roles().application())) {
      assertThat(text(fresh, "SELECT current_setting('app.organization_id', true)")).isNull();
      assertThat(text(fresh, TENANT)).isNull();
      text(fresh, "SELECT set_config('app.organization_id', 'acme', true)");
      assertThat(text(fresh, "SELECT current_setting('app.organization_id', true)")).isEmpty();
      assertThat(text(fresh, TENANT)).isNull();
      assertThat(text(fresh, "SELECT count(*) FROM notes")).isEqualTo("0");
    }
    assertThat(acme(TENANT)).isEqualTo("acme");
    assertThat(acme("SELECT current_setting('app.organization_id', true)")).isEqualTo("acme");
  }

  @Test
  void superAdminIsARoleAndNeverASetting() throws Exception {
    Operator operator = Operator.trusted("ada", "ticket 42");
    String here = storage.inAdmin(operator, c -> text(c, SUPER_ADMIN));
    assertThat(here).isEqualTo("t");
    storage.inTenant(ACME, c -> text(c, "INSERT INTO notes VALUES ('acme', 'x') RETURNING text"));

    // The seed's own troubleshooting, as the application: it may be set, and opens nothing.
    try (Connection c = database.connect(database.roles().application())) {
      text(c, "SELECT set_config('app.is_super_admin', 'true', false)");
      assertThat(text(c, "SELECT current_setting('app.is_super_admin', true)")).isEqualTo("true");
      assertThat(text(c, SUPER_ADMIN)).isEqualTo("f");
      assertThat(text(c, "SELECT count(*) FROM notes")).isEqualTo("0");
      assertThat(text(c, "SELECT count(*) FROM tenantkit.organizations")).isEqualTo("0");
    }
  }

  @Test
  void roleThatIsOnlyBorrowedOrLaidDownIsNoSuperAdmin() throws Exception {
    String adminRole = '"' + database.roles().admin().replace("\"", "\"\"") + '"';
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      assertThat(text(dba, SUPER_ADMIN)).isEqualTo("f");
      statement.execute("SET ROLE " + adminRole);
      assertThat(text(dba, SUPER_ADMIN)).isEqualTo("f");
      statement.execute("RESET ROLE; CREATE ROLE lesser; GRANT lesser TO " + adminRole);
      statement.execute(
          "GRANT USAGE ON SCHEMA tenantkit TO lesser;"
              + " GRANT EXECUTE ON FUNCTION tenantkit.is_super_admin() TO lesser");
    }
    try (Connection c = database.connect(database.roles().admin());
        Statement statement = c.createStatement()) {
      statement.execute("SET ROLE lesser");
      assertThat(text(c, SUPER_ADMIN)).isEqualTo("f");
      statement.execute("RESET ROLE");
      assertThat(text(c, SUPER_ADMIN)).isEqualTo("t");
    } finally {
      database.asDba("DROP OWNED BY lesser; DROP ROLE lesser");
    }
  }

  @Test
  void nobodyElseMayCallThem() throws Exception {
    try (Connection dba = database.dba()) {
      for (String function : new String[] {"get_current_tenant_id", "is_super_admin"}) {
        assertThat(
                text(
                    dba,
                    "SELECT has_function_privilege('public', 'tenantkit."
                        + function
                        + "()', 'EXECUTE')"))
            .isEqualTo("f");
        assertThat(
                text(
                    dba,
                    "SELECT provolatile::text || prosecdef::text FROM pg_proc WHERE proname = '"
                        + function
                        + "'"))
            .isEqualTo("sfalse");
      }
    }
  }

  /** As a sub-select the function is looked up once, and the index is a condition, not a filter. */
  @Test
  void policyUsesTheIndexOnAMillionRows() throws Exception {
    database.asDba(
        """
        INSERT INTO notes SELECT 'org-' || n % 1000, 'row ' || n FROM generate_series(1, 1000000) n;
        ANALYZE notes;""");
    TenantContext one = TenantContext.trusted(OrganizationId.of("org-7"), "test");
    String plan =
        storage.inTenant(one, c -> lines(c, "EXPLAIN (COSTS off) SELECT count(*) FROM notes"));
    assertThat(plan).contains("InitPlan").contains("Index Cond").doesNotContain("Seq Scan");
    String rows = storage.inTenant(one, c -> text(c, "SELECT count(*) FROM notes"));
    assertThat(rows).isEqualTo("1000");
    // The function is inlined, so that it costs what writing it out costs.
    assertThat(plan).doesNotContain("get_current_tenant_id");
  }

  private static String acme(String sql) throws SQLException {
    return storage.inTenant(ACME, c -> text(c, sql));
  }

  private static String lines(Connection connection, String sql) throws SQLException {
    StringBuilder lines = new StringBuilder();
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      while (results.next()) {
        lines.append(results.getString(1)).append('\n');
      }
    }
    return lines.toString();
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      results.next();
      return results.getString(1);
    }
  }
}
