package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema is broken on purpose, the start refuses, the SQL it names is run, and it starts. */
final class SelfCheckTest {
  private static Cluster.Database database;
  private static DatabaseRoles roles;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    roles = database.roles();
    // Roles and schemas that the host may have beside ours.
    database.asDba(
        "CREATE ROLE harmless; CREATE ROLE middle; CREATE ROLE mighty SUPERUSER;"
            + " CREATE SCHEMA host; GRANT USAGE ON SCHEMA host TO PUBLIC;"
            + " GRANT USAGE, CREATE ON SCHEMA host TO {owner}"
                .replace("{owner}", quoted(roles.owner())));
  }

  @Test
  void asMigratedItStarts() {
    assertThat(findings()).isEmpty();
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
        "grant.schema     | GRANT CREATE ON SCHEMA tenantkit TO {app}",
        "grant.schema     | GRANT CREATE ON SCHEMA tenantkit TO PUBLIC",
        "grant.schema     | GRANT CREATE ON SCHEMA tenantkit TO {admin}",
        "grant.table      | GRANT TRUNCATE ON tenantkit.api_keys TO {app}",
        "grant.table      | GRANT REFERENCES ON tenantkit.organizations TO {app}",
        "grant.table      | GRANT TRIGGER ON tenantkit.secrets TO {app}",
        "grant.table      | GRANT TRUNCATE, TRIGGER ON tenantkit.audit_events TO PUBLIC",
        "grant.table      | GRANT ALL ON ALL TABLES IN SCHEMA tenantkit TO {app}",
        "grant.table      | GRANT TRUNCATE ON tenantkit.projects TO harmless; GRANT harmless TO {app}",
        "grant.table      | GRANT UPDATE ON tenantkit.audit_events TO {app}",
        "grant.table      | GRANT DELETE ON tenantkit.audit_events TO {app}",
        "grant.table      | GRANT DELETE ON tenantkit.audit_events TO {admin}",
        "grant.table      | GRANT UPDATE ON tenantkit.role_names TO {app}",
        "grant.table      | GRANT DELETE ON tenantkit.api_keys TO {app}",
        "grant.table      | GRANT INSERT ON tenantkit.organizations TO {app}",
        "grant.table      | GRANT UPDATE ON tenantkit.api_keys TO {admin}",
        "grant.table      | GRANT SELECT ON tenantkit.secrets TO {admin}",
        "grant.table      | GRANT UPDATE ON tenantkit.rate_limits TO {app}",
        "grant.table      | GRANT UPDATE, DELETE ON tenantkit.audit_keys TO {app}",
        "grant.table      | GRANT SELECT ON tenantkit.operator_events TO {app}",
        "grant.table      | GRANT SELECT ON tenantkit.changes TO harmless; GRANT harmless TO {app}",
        "grant.table      | GRANT SELECT ON tenantkit.schema_history TO PUBLIC",
        "grant.table      | GRANT SELECT ON tenantkit.api_keys TO {lookup}",
        "grant.table      | GRANT INSERT ON tenantkit.audit_events TO {lookup}",
        "grant.table      | GRANT SELECT ON tenantkit.secret_fields TO {lookup}",
        "grant.table      | CREATE TABLE tenantkit.extra_1 (id text); GRANT SELECT ON tenantkit.extra_1 TO {app}",
        "grant.table      | CREATE VIEW tenantkit.extra_2 AS SELECT 1 AS one; GRANT SELECT ON tenantkit.extra_2 TO {admin}",
        "grant.table      | CREATE TABLE tenantkit.extra_1 (id text); GRANT INSERT ON tenantkit.extra_1 TO PUBLIC",
        "grant.table      | GRANT USAGE ON SEQUENCE tenantkit.changes_id_seq TO {app}",
        "grant.table      | GRANT UPDATE ON SEQUENCE tenantkit.operator_events_id_seq TO PUBLIC",
        "grant.option     | GRANT SELECT ON tenantkit.api_keys TO {app} WITH GRANT OPTION",
        "grant.option     | GRANT DELETE ON tenantkit.api_keys TO {app} WITH GRANT OPTION;"
            + " SET ROLE {app}; GRANT DELETE ON tenantkit.api_keys TO harmless, {admin}",
        "grant.column     | GRANT DELETE ON tenantkit.api_keys TO {app}; GRANT UPDATE (name) ON tenantkit.organizations TO {app}",
        "grant.column     | GRANT SELECT (sealed) ON tenantkit.secret_fields TO {lookup}",
        "grant.column     | GRANT UPDATE (scopes) ON tenantkit.api_keys TO {lookup}",
        "grant.column     | GRANT SELECT (reason) ON tenantkit.operator_events TO {app}",
        "grant.column     | GRANT SELECT (id) ON tenantkit.secrets TO PUBLIC",
        "grant.function   | GRANT EXECUTE ON FUNCTION tenantkit.audit_prune(varchar, bigint) TO {app}",
        "grant.function   | GRANT EXECUTE ON FUNCTION tenantkit.presented_key(varchar) TO {admin}",
        "grant.function   | GRANT EXECUTE ON FUNCTION tenantkit.presented_key(varchar) TO {app} WITH GRANT OPTION",
        "grant.function   | GRANT EXECUTE ON FUNCTION tenantkit.audit_prune(varchar, bigint) TO harmless; GRANT harmless TO {app}",
        "grant.missing    | REVOKE SELECT (key_hash) ON tenantkit.api_keys FROM {lookup}",
        "grant.missing    | REVOKE DELETE ON tenantkit.changes FROM {lookup}",
        "grant.missing    | REVOKE USAGE ON SCHEMA tenantkit FROM {lookup}",
        "grant.missing    | REVOKE SELECT ON tenantkit.audit_keys FROM {app}",
        "grant.schema     | GRANT CREATE ON SCHEMA tenantkit TO {lookup}",
        "role.member      | GRANT pg_read_all_data TO {app}",
        "grant.column     | GRANT REFERENCES (id) ON tenantkit.organizations TO {app}",
        "grant.column     | GRANT REFERENCES (id) ON tenantkit.organizations TO PUBLIC",
        "grant.column     | GRANT UPDATE (action) ON tenantkit.audit_events TO {app}",
        "grant.missing    | REVOKE EXECUTE ON FUNCTION tenantkit.api_key_by_hash(varchar) FROM {app}",
        "grant.table      | GRANT UPDATE ON tenantkit.audit_heads TO {app}",
        "grant.table      | GRANT INSERT ON tenantkit.audit_heads TO {admin}",
        "grant.table      | GRANT DELETE ON tenantkit.audit_checkpoints TO {app}",
        "grant.column     | GRANT UPDATE (seq) ON tenantkit.audit_heads TO {app}",
        "grant.missing    | REVOKE INSERT ON tenantkit.audit_events FROM {app}",
        "grant.missing    | REVOKE EXECUTE ON FUNCTION tenantkit.audit_prune(varchar, bigint) FROM {admin}",
        "grant.missing    | REVOKE EXECUTE ON FUNCTION tenantkit.audit_unsigned(varchar, integer) FROM {app}",
        "audit.chain      | ALTER TABLE tenantkit.audit_events DISABLE TRIGGER audit_chain",
        "audit.chain      | DROP TRIGGER audit_chain ON tenantkit.audit_events",
        "audit.chain      | ALTER TABLE tenantkit.audit_events ENABLE REPLICA TRIGGER audit_chain",
        "audit.chain      | DROP TRIGGER audit_chain ON tenantkit.audit_events; CREATE TRIGGER audit_chain"
            + " BEFORE INSERT ON tenantkit.audit_events FOR EACH ROW WHEN (NEW.actor_id <> 'mallory')"
            + " EXECUTE FUNCTION tenantkit.audit_chain()",
        "audit.chain      | CREATE FUNCTION host.audit_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            + " DROP TRIGGER audit_chain ON tenantkit.audit_events; CREATE TRIGGER audit_chain"
            + " BEFORE INSERT ON tenantkit.audit_events FOR EACH ROW EXECUTE FUNCTION host.audit_chain()",
        "trigger.guard    | ALTER TABLE tenantkit.audit_keys DISABLE TRIGGER audit_key_added",
        "trigger.guard    | DROP TRIGGER version_kept ON tenantkit.api_keys",
        "trigger.guard    | ALTER TABLE tenantkit.organizations ENABLE TRIGGER version_kept",
        "trigger.guard    | DROP TRIGGER version_kept ON tenantkit.api_keys; CREATE TRIGGER version_kept"
            + " BEFORE UPDATE OF name ON tenantkit.api_keys FOR EACH ROW EXECUTE FUNCTION tenantkit.version_kept();"
            + " ALTER TABLE tenantkit.api_keys ENABLE ALWAYS TRIGGER version_kept",
        "trigger.changes  | DROP TRIGGER api_key_changed ON tenantkit.api_keys; CREATE TRIGGER api_key_changed"
            + " AFTER INSERT OR DELETE ON tenantkit.api_keys FOR EACH ROW EXECUTE FUNCTION tenantkit.api_key_changed();"
            + " ALTER TABLE tenantkit.api_keys ENABLE ALWAYS TRIGGER api_key_changed",
        "trigger.changes  | DROP TRIGGER organization_changed ON tenantkit.organizations; CREATE TRIGGER organization_changed"
            + " AFTER INSERT OR UPDATE OR DELETE ON tenantkit.organizations FOR EACH STATEMENT"
            + " EXECUTE FUNCTION tenantkit.organization_changed();"
            + " ALTER TABLE tenantkit.organizations ENABLE ALWAYS TRIGGER organization_changed",
        "trigger.changes  | DROP TRIGGER api_key_changed ON tenantkit.api_keys; CREATE CONSTRAINT TRIGGER api_key_changed"
            + " AFTER INSERT OR UPDATE OR DELETE ON tenantkit.api_keys DEFERRABLE FOR EACH ROW"
            + " EXECUTE FUNCTION tenantkit.api_key_changed();"
            + " ALTER TABLE tenantkit.api_keys ENABLE ALWAYS TRIGGER api_key_changed",
        "table.epoch      | ALTER TABLE tenantkit.change_epoch SET LOGGED",
        "function.plain   | ALTER FUNCTION tenantkit.version_kept() OWNER TO {app}",
        "function.plain   | ALTER FUNCTION tenantkit.get_current_tenant_id() OWNER TO {lookup}",
        "function.plain   | ALTER FUNCTION tenantkit.audit_key_added() SECURITY DEFINER",
        "function.plain   | ALTER FUNCTION tenantkit.version_kept() RESET search_path",
        "function.missing | ALTER FUNCTION tenantkit.api_key_changed() SECURITY INVOKER",
        "function.changed | CREATE OR REPLACE FUNCTION tenantkit.audit_chain() RETURNS trigger LANGUAGE plpgsql"
            + " SECURITY DEFINER SET search_path = tenantkit, pg_temp AS 'BEGIN RETURN NEW; END'",
        "function.changed | CREATE OR REPLACE FUNCTION tenantkit.get_current_tenant_id() RETURNS text"
            + " LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT ''acme''::text'",
        "function.changed | CREATE OR REPLACE FUNCTION tenantkit.is_super_admin() RETURNS boolean"
            + " LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT true'",
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
        "function.unlisted| CREATE FUNCTION tenantkit.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "function.unlisted| CREATE FUNCTION tenantkit.api_key_by_hash(text) RETURNS int LANGUAGE sql SECURITY DEFINER"
            + " SET search_path = tenantkit, pg_temp AS 'SELECT 1'",
        "function.foreign | CREATE FUNCTION host.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';"
            + " ALTER FUNCTION host.f() OWNER TO {owner}",
        "function.search_path | ALTER FUNCTION tenantkit.api_key_by_hash(varchar) RESET search_path",
        "function.search_path | ALTER FUNCTION tenantkit.api_key_by_hash(varchar) SET search_path = public, tenantkit",
        "function.public  | GRANT EXECUTE ON FUNCTION tenantkit.api_key_by_hash(varchar) TO PUBLIC",
        "function.owner   | ALTER FUNCTION tenantkit.api_key_by_hash(varchar) OWNER TO postgres",
        "grant.missing    | REVOKE EXECUTE ON FUNCTION tenantkit.changes_since(varchar, varchar, integer) FROM {app}",
        "trigger.changes  | DROP TRIGGER api_key_changed ON tenantkit.api_keys",
        "trigger.changes  | DROP TRIGGER api_keys_emptied ON tenantkit.api_keys",
        "trigger.changes  | DROP TRIGGER organization_changed ON tenantkit.organizations",
        "trigger.changes  | ALTER TABLE tenantkit.api_keys DISABLE TRIGGER api_key_changed",
        "trigger.changes  | ALTER TABLE tenantkit.organizations DISABLE TRIGGER ALL",
        "trigger.changes  | ALTER TABLE tenantkit.organizations ENABLE TRIGGER organizations_emptied",
        "role.lookup      | ALTER ROLE {lookup} LOGIN",
        "role.lookup      | ALTER ROLE {lookup} BYPASSRLS",
        "role.switched    | GRANT harmless TO {app}; ALTER ROLE {app} SET role = harmless;"
            + " GRANT USAGE ON SCHEMA tenantkit TO harmless;"
            + " GRANT SELECT ON tenantkit.schema_history, tenantkit.installation, tenantkit.role_names TO harmless",
      })
  void whatMakesRowLevelSecurityVoidIsRefusedAndMendedByTheSqlNamed(String code, String breakage)
      throws Exception {
    database.asDba(named(breakage));

    List<DatabaseUnsafeException.Finding> first = findings();

    assertThat(first).extracting(DatabaseUnsafeException.Finding::code).contains(code);
    List<DatabaseUnsafeException.Finding> left = first;
    // Dropping a bent policy shows that one is missing, so mending may take another round.
    for (int round = 0; round < 3 && !left.isEmpty(); round++) {
      left.forEach(finding -> database.asDba(finding.remedy()));
      left = findings();
    }
    assertThat(left).isEmpty();
    whatTheHostHasBesideUsGoes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys",
        "CREATE VIEW host.keys AS SELECT * FROM tenantkit.api_keys; GRANT SELECT ON host.keys TO {admin}, harmless",
        "CREATE MATERIALIZED VIEW host.m AS SELECT id FROM tenantkit.secrets; GRANT SELECT ON host.m TO {admin}",
      })
  void viewThatTheApplicationMayNotUseIsTheHostsOwnAffair(String sql) throws Exception {
    database.asDba(named(sql));
    assertThat(findings()).isEmpty();
    database.asDba("DROP MATERIALIZED VIEW IF EXISTS host.m");
    whatTheHostHasBesideUsGoes();
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
        named(
            "CREATE VIEW host.keys "
                + (known ? "WITH (security_invoker = '" + value + "') " : "")
                + "AS SELECT * FROM tenantkit.api_keys; GRANT SELECT ON host.keys TO {app}"));
    List<DatabaseUnsafeException.Finding> found = findings();
    database.asDba("DROP VIEW host.keys");
    assertThat(found)
        .extracting(DatabaseUnsafeException.Finding::code)
        .isEqualTo(refused || !known ? List.of("view.definer") : List.of());
  }

  private static void whatTheHostHasBesideUsGoes() throws Exception {
    database.asDba(
        named(
            "DROP TABLE IF EXISTS tenantkit.extra_1; DROP VIEW IF EXISTS tenantkit.extra_2, host.keys, host.b, host.a;"
                + " DROP FUNCTION IF EXISTS host.audit_chain();"
                + " REVOKE harmless, middle, mighty FROM {app}; REVOKE {owner}, harmless FROM middle;"
                + " REVOKE mighty FROM harmless; REVOKE ALL ON ALL TABLES IN SCHEMA tenantkit FROM harmless;"
                + " REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tenantkit FROM harmless; REVOKE ALL ON SCHEMA tenantkit FROM harmless"));
    assertThat(findings()).isEmpty();
  }

  @Test
  void rightToSwitchTriggersOffIsRefused() throws Exception {
    try (Connection dba = database.dba()) {
      assumeTrue(dba.getMetaData().getDatabaseMajorVersion() >= 15, "there is no such right");
    }
    for (String to : List.of("{app}", "{admin}", "PUBLIC")) {
      database.asDba(named("GRANT SET ON PARAMETER session_replication_role TO " + to));
      List<DatabaseUnsafeException.Finding> found = findings();
      found.forEach(finding -> database.asDba(finding.remedy()));
      assertThat(found)
          .extracting(DatabaseUnsafeException.Finding::code)
          .containsOnly("role.parameter");
      assertThat(findings()).isEmpty();
    }
  }

  /**
   * Without an admin's pool its role does nothing, and may have been locked out; more it may not.
   */
  @Test
  void adminRoleWithoutAPoolMayHaveLessAndNotMore() {
    database.asDba(named("REVOKE ALL ON ALL TABLES IN SCHEMA tenantkit FROM {admin}"));
    try (HikariDataSource app = database.app(1)) {
      JdbcStorage.postgresql(app).open().close();
      database.asDba(named("GRANT DELETE ON tenantkit.audit_events TO {admin}"));
      assertThatThrownBy(() -> JdbcStorage.postgresql(app).open())
          .isInstanceOf(DatabaseUnsafeException.class)
          .hasMessageContaining("REVOKE DELETE ON tenantkit.audit_events FROM");
    } finally {
      database.asDba(
          named(
              "REVOKE DELETE ON tenantkit.audit_events FROM {admin};"
                  + " GRANT SELECT ON tenantkit.role_names, tenantkit.schema_history, tenantkit.installation TO {admin}"));
    }
    List<DatabaseUnsafeException.Finding> missing = findings();
    missing.forEach(finding -> database.asDba(finding.remedy()));
    assertThat(findings()).isEmpty();
  }

  /** What a migration tool takes out of a function's text is no change. */
  @Test
  void commentsAndSpacesOfAFunctionDoNotCount() throws Exception {
    String definition;
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT pg_get_functiondef('tenantkit.audit_chain()'::regprocedure)")) {
      assertThat(found.next()).isTrue();
      definition = found.getString(1);
    }
    assertThat(definition).contains("--");
    database.asDba(definition.replaceAll("--[^\n]*", "").replaceAll("\n +", "\r\n\t"));
    assertThat(findings()).isEmpty();
    database.asDba(
        definition.replace("-- With ON CONFLICT", "-- With\rRETURN NEW; -- ON CONFLICT"));
    List<DatabaseUnsafeException.Finding> hidden = findings();
    database.asDba(definition);
    assertThat(hidden)
        .extracting(DatabaseUnsafeException.Finding::code)
        .containsExactly("function.changed");
    assertThat(findings()).isEmpty();
  }

  /**
   * While nodes are brought up to date one after the other, this one knows less than the schema.
   */
  @Test
  void newerSchemaMayGrantMoreButNotWhatNobodyMayHave() {
    database.asDba(
        named(
            "INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (97, 'V097__x.sql', 1);"
                + " CREATE TABLE tenantkit.later (id text); GRANT SELECT, INSERT ON tenantkit.later TO {app};"
                + " GRANT DELETE ON tenantkit.key_notices TO {app}"));
    try {
      assertThat(findings()).isEmpty();
      database.asDba(
          named(
              "GRANT TRUNCATE ON tenantkit.later TO {app}; GRANT SELECT ON tenantkit.later TO PUBLIC;"
                  + " GRANT UPDATE ON tenantkit.audit_checkpoints TO {app}"));
      assertThat(findings())
          .extracting(DatabaseUnsafeException.Finding::code)
          .containsExactly("grant.table", "grant.table", "grant.table");
    } finally {
      database.asDba(
          named(
              "DELETE FROM tenantkit.schema_history WHERE version = 97; DROP TABLE tenantkit.later;"
                  + " REVOKE DELETE ON tenantkit.key_notices FROM {app};"
                  + " REVOKE UPDATE ON tenantkit.audit_checkpoints FROM {app}"));
    }
    assertThat(findings()).isEmpty();
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

  /** Held against the catalog, not against our own query. */
  @Test
  void catalogHasNoDefinerFunctionBesidesTheClosedList() throws Exception {
    List<String> found = new ArrayList<>();
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet results =
            statement.executeQuery(
                "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                    + " WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')")) {
      while (results.next()) {
        found.add(results.getString(1));
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(CrossTenantFunctions.ALL);
  }

  private static List<DatabaseUnsafeException.Finding> findings() {
    try (HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1)) {
      JdbcStorage.postgresql(app).admin(admin).open().close();
      return List.of();
    } catch (DatabaseUnsafeException e) {
      return e.findings();
    }
  }

  private static String named(String sql) {
    return sql.replace("{app}", quoted(roles.application()))
        .replace("{admin}", quoted(roles.admin()))
        .replace("{owner}", quoted(roles.owner()))
        .replace("{lookup}", quoted(roles.lookup()))
        .replace("{database}", quoted(database.name()));
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
