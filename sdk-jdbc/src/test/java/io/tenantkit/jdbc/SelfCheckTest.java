package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema is broken on purpose, the start refuses, the SQL it names is run, and it starts. */
final class SelfCheckTest {
  private static BrokenSchema schema;
  private static Cluster.Database database;
  private static DatabaseRoles roles;

  @BeforeAll
  static void migrate() {
    schema = new BrokenSchema();
    database = schema.database();
    roles = database.roles();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "role.attribute   | ALTER ROLE {app} SUPERUSER",
        "role.attribute   | ALTER ROLE {app} BYPASSRLS",
        "role.attribute   | ALTER ROLE {app} CREATEROLE",
        "role.attribute   | ALTER ROLE {app} REPLICATION",
        "role.attribute   | ALTER ROLE {admin} SUPERUSER",
        "role.attribute   | ALTER ROLE {admin} BYPASSRLS",
        "role.setting     | ALTER ROLE {app} SET app.organization_id = 'acme'",
        "role.setting     | ALTER ROLE {app} IN DATABASE {database} SET app.organization_id = 'acme'",
        "role.setting     | ALTER DATABASE {database} SET app.organization_id = 'acme'",
        "role.owner       | ALTER TABLE tenantkit.api_keys OWNER TO {app}",
        "role.owner       | ALTER TABLE tenantkit.organizations OWNER TO {admin}",
        "role.owner       | ALTER SCHEMA tenantkit OWNER TO {app}",
        "role.owner       | ALTER DATABASE {database} OWNER TO {app}",
        "role.member      | GRANT {owner} TO {app}",
        "role.member      | GRANT {admin} TO {app}",
        "role.member      | GRANT {lookup} TO {app}",
        "role.member      | GRANT {owner} TO {admin}",
        "role.member      | GRANT mighty TO {app}",
        "role.member      | GRANT {owner} TO middle; GRANT middle TO {app}",
        "role.member      | GRANT mighty TO harmless; GRANT harmless TO middle; GRANT middle TO {app}",
        "role.member      | GRANT pg_write_all_data TO {app}",
        "role.member      | GRANT pg_execute_server_program TO {app}",
        "role.member      | GRANT pg_read_all_data TO {app}",
        "table.rls        | ALTER TABLE tenantkit.secrets DISABLE ROW LEVEL SECURITY",
        "table.rls        | ALTER TABLE tenantkit.organizations DISABLE ROW LEVEL SECURITY",
        "table.rls        | CREATE TABLE tenantkit.extra_1 (organization_id text)",
        "table.force      | ALTER TABLE tenantkit.api_keys NO FORCE ROW LEVEL SECURITY",
        "policy.missing   | DROP POLICY tenant ON tenantkit.secret_fields",
        "policy.missing   | ALTER POLICY tenant ON tenantkit.secret_fields TO harmless",
        "policy.open      | CREATE POLICY open ON tenantkit.api_keys TO {app} USING (true)",
        "policy.open      | CREATE POLICY open ON tenantkit.api_keys USING (true)",
        "policy.open      | CREATE POLICY open ON tenantkit.api_keys FOR SELECT TO PUBLIC USING (enabled)",
        "policy.open      | CREATE POLICY open ON tenantkit.api_keys FOR INSERT TO {app} WITH CHECK (true)",
        "policy.open      | CREATE POLICY open ON tenantkit.api_keys TO {app} USING"
            + " (organization_id = current_setting('app.organization_id', true) OR true)",
        "policy.open      | CREATE POLICY open ON tenantkit.api_keys TO {app} USING"
            + " (current_setting('app.is_super_admin', true) = 'true')",
        "policy.open      | ALTER POLICY tenant ON tenantkit.api_keys USING (true)",
        "policy.open      | ALTER POLICY tenant ON tenantkit.api_keys WITH CHECK (true)",
        "policy.open      | GRANT middle TO {app}; CREATE POLICY open ON tenantkit.secrets TO middle USING (true)",
        "policy.admin     | DROP POLICY operator ON tenantkit.api_keys",
        "view.definer     | CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT SELECT ON host.keys TO {app}",
        "view.definer     | CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT SELECT ON host.keys TO PUBLIC",
        "view.definer     | CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT SELECT (id) ON host.keys TO {app}",
        "view.definer     | CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT UPDATE ON host.keys TO {app}",
        "view.definer     | CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT DELETE ON host.keys TO {app}",
        "view.definer     | CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT SELECT ON host.keys TO middle;"
            + " GRANT middle TO {app}",
        "view.definer     | CREATE VIEW host.a AS SELECT id FROM tenantkit.secrets; CREATE VIEW host.b AS SELECT * FROM host.a;"
            + " GRANT SELECT ON host.b TO {app}",
        "view.definer     | CREATE MATERIALIZED VIEW host.m AS SELECT id FROM tenantkit.secrets; GRANT SELECT ON host.m TO {app}",
        "role.lookup      | ALTER ROLE {lookup} LOGIN",
        "role.lookup      | ALTER ROLE {lookup} BYPASSRLS",
        "role.switched    | GRANT harmless TO {app}; ALTER ROLE {app} SET role = harmless;"
            + " GRANT USAGE ON SCHEMA tenantkit TO harmless;"
            + " GRANT SELECT ON tenantkit.schema_history, tenantkit.installation, tenantkit.role_names TO harmless",
      })
  void whatMakesRowLevelSecurityVoidIsRefusedAndMendedByTheSqlNamed(String code, String breakage)
      throws Exception {
    schema.isRefusedAndMended(code, breakage);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys",
        "CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT SELECT ON host.keys TO {admin}, harmless",
        "CREATE MATERIALIZED VIEW host.m AS SELECT id FROM tenantkit.secrets; GRANT SELECT ON host.m TO {admin}",
      })
  void viewThatTheApplicationMayNotUseIsTheHostsOwnAffair(String sql) throws Exception {
    database.asDba(schema.named(sql));
    assertThat(schema.findings()).isEmpty();
    database.asDba("DROP MATERIALIZED VIEW IF EXISTS host.m");
    schema.whatTheHostHasBesideUsGoes();
  }

  @ParameterizedTest
  @CsvSource({
    "true, false",
    "ON, false",
    "1, false",
    "Yes, false",
    "t, false",
    "TRUE, false",
    "false, true",
    "Off, true",
    "0, true",
    "no, true",
  })
  void viewIsOfTheInvokerByWhicheverWordOfTheDatabase(String value, boolean refused)
      throws Exception {
    boolean known;
    try (Connection dba = database.dba()) {
      // PostgreSQL 14 does not know the word: there, every view that can be used is its owner's.
      known = dba.getMetaData().getDatabaseMajorVersion() >= 15;
    }
    database.asDba(
        schema.named(
            "CREATE VIEW host.keys "
                + (known ? "WITH (security_invoker = '" + value + "') " : "")
                + "AS SELECT * FROM tenantkit.api_keys; GRANT SELECT ON host.keys TO {app}"));
    List<DatabaseUnsafeException.Finding> found = schema.findings();
    database.asDba("DROP VIEW host.keys");
    assertThat(found)
        .extracting(DatabaseUnsafeException.Finding::code)
        .isEqualTo(refused || !known ? List.of("view.definer") : List.of());
  }

  @Test
  void rightToSwitchTriggersOffIsRefused() throws Exception {
    boolean known;
    try (Connection app = database.connect(database.roles().application());
        Statement statement = app.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SET session_replication_role = replica"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      // PostgreSQL 14 gives this to superusers only: there is no right that could be granted.
      known = app.getMetaData().getDatabaseMajorVersion() >= 15;
    }
    List<String> grantees = known ? List.of("{app}", "{admin}", "PUBLIC") : List.of();
    for (String to : grantees) {
      database.asDba(schema.named("GRANT SET ON PARAMETER session_replication_role TO " + to));
      List<DatabaseUnsafeException.Finding> found = schema.findings();
      found.forEach(finding -> database.asDba(finding.remedy()));
      assertThat(found)
          .extracting(DatabaseUnsafeException.Finding::code)
          .containsOnly("role.parameter");
      assertThat(schema.findings()).isEmpty();
    }
  }

  @Test
  void superuserAsTheApplicationsPoolIsRefused() {
    try (HikariDataSource superuser = database.pool("postgres", 1)) {
      DatabaseUnsafeException refused =
          catchThrowableOfType(
              DatabaseUnsafeException.class, () -> JdbcStorage.postgresql(superuser).open());
      assertThat(refused.code()).isEqualTo(ErrorCode.DATABASE_UNSAFE);
      assertThat(refused.findings())
          .extracting(DatabaseUnsafeException.Finding::code)
          .contains("role.attribute", "role.unexpected");
      assertThat(refused).hasMessageContaining("ALTER ROLE postgres NOSUPERUSER");
    }
  }

  @Test
  void ownerOrAdminAsTheApplicationsPoolIsRefused() {
    for (String role : List.of(roles.owner(), roles.admin())) {
      try (HikariDataSource pool = database.pool(role, 1)) {
        assertThatThrownBy(() -> JdbcStorage.postgresql(pool).open())
            .isInstanceOf(DatabaseUnsafeException.class);
      }
    }
  }

  @Test
  void roleThatTheSchemaDoesNotKnowIsRefused() {
    database.asDba("CREATE ROLE stranger LOGIN");
    try (HikariDataSource pool = database.pool("stranger", 1)) {
      assertThatThrownBy(() -> JdbcStorage.postgresql(pool).open())
          .isInstanceOf(DatabaseUnsafeException.class);
    }
  }

  @Test
  void adminPoolOfAnotherDatabaseIsRefused() {
    Cluster.Database other = Cluster.migrated();
    try (HikariDataSource app = database.app(1);
        HikariDataSource admin = other.admin(1)) {
      assertThatThrownBy(() -> JdbcStorage.postgresql(app).admin(admin).open())
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
    }
  }

  @Test
  void connectionsGoBackAsTheyCame() throws Exception {
    try (HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1)) {
      JdbcStorage.postgresql(app).admin(admin).open().close();
      assertThat(app.getHikariPoolMXBean().getActiveConnections()).isZero();
      assertThat(app.isClosed()).isFalse();
    }
  }
}
