package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As {@link SelfCheckTest}, of grants, functions and triggers: nothing else than was made. */
final class SelfCheckGrantsTest {
  private static BrokenSchema schema;
  private static Cluster.Database database;

  @BeforeAll
  static void migrate() {
    schema = new BrokenSchema();
    database = schema.database();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
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
      })
  void whatTheMigrationsDidNotMakeIsRefusedAndMendedByTheSqlNamed(String code, String breakage)
      throws Exception {
    schema.isRefusedAndMended(code, breakage);
  }

  /**
   * Without an admin's pool its role does nothing, and may have been locked out; more it may not.
   */
  @Test
  void adminRoleWithoutAPoolMayHaveLessAndNotMore() {
    database.asDba(schema.named("REVOKE ALL ON ALL TABLES IN SCHEMA tenantkit FROM {admin}"));
    try (HikariDataSource app = database.app(1)) {
      JdbcStorage.postgresql(app).open().close();
      database.asDba(schema.named("GRANT DELETE ON tenantkit.audit_events TO {admin}"));
      assertThatThrownBy(() -> JdbcStorage.postgresql(app).open())
          .isInstanceOf(DatabaseUnsafeException.class)
          .hasMessageContaining("REVOKE DELETE ON tenantkit.audit_events FROM");
    } finally {
      database.asDba(
          schema.named(
              "REVOKE DELETE ON tenantkit.audit_events FROM {admin};"
                  + " GRANT SELECT ON tenantkit.role_names, tenantkit.schema_history, tenantkit.installation TO {admin}"));
    }
    List<DatabaseUnsafeException.Finding> missing = schema.findings();
    missing.forEach(finding -> database.asDba(finding.remedy()));
    assertThat(schema.findings()).isEmpty();
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
    assertThat(schema.findings()).isEmpty();
    database.asDba(
        definition.replace("-- With ON CONFLICT", "-- With\rRETURN NEW; -- ON CONFLICT"));
    List<DatabaseUnsafeException.Finding> hidden = schema.findings();
    database.asDba(definition);
    assertThat(hidden)
        .extracting(DatabaseUnsafeException.Finding::code)
        .containsExactly("function.changed");
    assertThat(schema.findings()).isEmpty();
  }

  /**
   * While nodes are brought up to date one after the other, this one knows less than the schema.
   */
  @Test
  void newerSchemaMayGrantMoreButNotWhatNobodyMayHave() {
    database.asDba(
        schema.named(
            "INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (97, 'V097__x.sql', 1);"
                + " CREATE TABLE tenantkit.later (id text); GRANT SELECT, INSERT ON tenantkit.later TO {app};"
                + " GRANT DELETE ON tenantkit.key_notices TO {app}"));
    try {
      assertThat(schema.findings()).isEmpty();
      database.asDba(
          schema.named(
              "GRANT TRUNCATE ON tenantkit.later TO {app}; GRANT SELECT ON tenantkit.later TO PUBLIC;"
                  + " GRANT UPDATE ON tenantkit.audit_checkpoints TO {app}"));
      assertThat(schema.findings())
          .extracting(DatabaseUnsafeException.Finding::code)
          .containsExactly("grant.table", "grant.table", "grant.table");
    } finally {
      database.asDba(
          schema.named(
              "DELETE FROM tenantkit.schema_history WHERE version = 97; DROP TABLE tenantkit.later;"
                  + " REVOKE DELETE ON tenantkit.key_notices FROM {app};"
                  + " REVOKE UPDATE ON tenantkit.audit_checkpoints FROM {app}"));
    }
    assertThat(schema.findings()).isEmpty();
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
}
