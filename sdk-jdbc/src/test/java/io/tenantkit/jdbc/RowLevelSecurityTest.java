package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the database itself refuses the application's role, when a predicate was forgotten or an
 * organization forged.
 */
final class RowLevelSecurityTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final List<String> TENANT_TABLES =
      List.of(
          "organizations",
          "api_keys",
          "key_notices",
          "teams",
          "team_members",
          "secret_teams",
          "audit_events",
          "organization_keys",
          "projects",
          "secrets",
          "secret_versions",
          "secret_fields",
          "secret_tags",
          "secret_rotations",
          "secret_usage_marks",
          "secret_usage_batches",
          "secret_usage",
          "secret_costs",
          "security_findings",
          "erasures",
          "integrations",
          "issued_tokens",
          "token_denials",
          "token_denial_marks",
          "credential_holders",
          "credential_marks",
          "received_events",
          "presences",
          "presence_days");

  private static final Samples SAMPLES = new Samples();
  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static CoreStores stores;

  @BeforeAll
  static void twoTenantsWithRowsInEveryTable() {
    database = Cluster.migrated();
    app = database.app(2);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    stores = storage.stores(CoreStores.class).orElseThrow();
    for (OrganizationId id : List.of(ACME, GLOBEX)) {
      stores
          .organizations()
          .insert(
              Operator.trusted("ops", "test"),
              SAMPLES.organization(id, "Name"),
              SAMPLES.event(id, "created"));
      stores
          .apiKeys()
          .insert(
              TenantContext.trusted(id, "test"),
              SAMPLES.key(id, "key_" + id),
              SAMPLES.event(id, "key"));
      database.asDba(
          """
          INSERT INTO tenantkit.key_notices VALUES ('{o}', 'key_{o}', 'UNUSED', now());
          INSERT INTO tenantkit.teams VALUES ('{o}', 'team_{o}', 'Team', 'x', now(), now());
          INSERT INTO tenantkit.team_members VALUES ('{o}', 'team_{o}', 'USER', 'ada', 'x', now());
          INSERT INTO tenantkit.master_keys VALUES ('m', 'check', now()) ON CONFLICT DO NOTHING;
          INSERT INTO tenantkit.organization_keys VALUES ('{o}', 1, 'k', 'm', '\\x00', now());
          INSERT INTO tenantkit.erasures VALUES ('{o}', 'era_{o}', '', now(), 'record');
          INSERT INTO tenantkit.projects VALUES ('{o}', 'prj_{o}', 'project');
          INSERT INTO tenantkit.secrets VALUES ('{o}', 'sec_{o}', 'prj_{o}', 'PRODUCTION', 'n', 'secret', 1, 'x', now(), now());
          INSERT INTO tenantkit.secret_teams VALUES ('{o}', 'sec_{o}', 'team_{o}');
          INSERT INTO tenantkit.secret_versions VALUES ('{o}', 'sec_{o}', 1, 'k', '\\x00', 'x', now());
          INSERT INTO tenantkit.secret_fields VALUES ('{o}', 'sec_{o}', 1, 'value', '\\x00');
          INSERT INTO tenantkit.secret_tags VALUES ('{o}', 'tag', 'sec_{o}');
          INSERT INTO tenantkit.integrations
            (organization_id, id, provider, environment, name, status, config, credential_version, created_by, created_at, updated_at,
             next_check_at, version)
            VALUES ('{o}', 'int_{o}', 'openai', 'PRODUCTION', 'Main', 'verifying', '{}', 1, 'x', now(), now(), now(), 1);
          INSERT INTO tenantkit.secret_rotations
            VALUES ('{o}', 'sec_{o}', 3600, NULL, 0, 0, now(), 'IDLE', '', 1, 0, 0, NULL, 0, NULL, '', NULL, NULL, NULL, now(), '', 1);
          INSERT INTO tenantkit.issued_tokens
            VALUES ('{o}', 'livekit', 'tok_{o}', 'PRODUCTION', 'ada', 'hall', 'standard', '', 'USER', 'ada', now(), now());
          INSERT INTO tenantkit.token_denials
            VALUES ('{o}', 'tdn_{o}', 'livekit', 'PRODUCTION', 'SUBJECT', '', 'ada', 'hall', now(), now(), now(), 'USER', 'ada', 'x');
          INSERT INTO tenantkit.token_denial_marks VALUES ('{o}', 1, now());
          INSERT INTO tenantkit.credential_holders VALUES (lpad(md5('{o}'), 64, '0'), '{o}');
          INSERT INTO tenantkit.credential_marks
            VALUES ('{o}', 'sec_{o}', 1, 'PRODUCTION', lpad(md5('{o}'), 64, '0'), lpad(md5('{o}'), 64, '0'),
                    lpad(md5('{o}'), 64, '0'), lpad(md5('{o}'), 64, '0'), false);
          INSERT INTO tenantkit.secret_usage_marks VALUES ('{o}', 1);
          INSERT INTO tenantkit.secret_usage_batches VALUES ('{o}', 'node', 1, now());
          INSERT INTO tenantkit.secret_usage
            VALUES ('{o}', 'DAY', now(), 'sec_{o}', 'USER', 'ada', '', 'PRODUCTION', 'OK', 1, now(), now(), NULL, 1);
          INSERT INTO tenantkit.secret_costs VALUES ('{o}', 'sec_{o}', now(), 'calls', '', 'PRODUCTION', 1, 0, 1);
          INSERT INTO tenantkit.security_findings
            VALUES ('{o}', 'f', 'BURST', 'WARNING', 'sec_{o}', 'PRODUCTION', 'USER', 'ada', '', now(), 1, 2, 3);
          INSERT INTO tenantkit.received_events VALUES ('{o}', 'livekit', 'EV_{o}', now());
          INSERT INTO tenantkit.presences
            VALUES ('{o}', 'PRODUCTION', 'RM', 'PA', 'room', 'ada', 'standard', now(), NULL, NULL, now(), now(), NULL, NULL, FALSE, FALSE, 1);
          INSERT INTO tenantkit.presence_days VALUES ('{o}', 'PRODUCTION', 20000, 'standard', 1, 1, 1, 0);
          """
              .replace("{o}", id.value()));
    }
  }

  @AfterAll
  static void close() {
    storage.close();
    app.close();
    admin.close();
  }

  @Test
  void withoutASettingNothingIsSeen() throws Exception {
    try (Connection connection = app.getConnection()) {
      for (String table : TENANT_TABLES) {
        assertThat(count(connection, "SELECT count(*) FROM tenantkit." + table)).as(table).isZero();
      }
    }
  }

  @Test
  void withoutAPredicateOnlyOwnRowsAreSeen() throws Exception {
    asAcme(
        connection -> {
          for (String table : TENANT_TABLES) {
            String column = table.equals("organizations") ? "id" : "organization_id";
            assertThat(count(connection, "SELECT count(*) FROM tenantkit." + table))
                .as(table)
                .isPositive();
            assertThat(
                    count(
                        connection,
                        "SELECT count(*) FROM tenantkit."
                            + table
                            + " WHERE "
                            + column
                            + " <> 'acme'"))
                .as(table)
                .isZero();
          }
        });
  }

  @Test
  void updateAndDeleteWithoutAPredicateReachOnlyOwnRows() throws Exception {
    asAcme(
        connection -> {
          assertThat(changed(connection, "UPDATE tenantkit.api_keys SET name = 'x'")).isEqualTo(1);
          assertThat(
                  changed(
                      connection,
                      "UPDATE tenantkit.api_keys SET name = 'x' WHERE organization_id = 'globex'"))
              .isZero();
          assertThat(changed(connection, "DELETE FROM tenantkit.secrets WHERE id = 'sec_globex'"))
              .isZero();
          assertThat(
                  changed(
                      connection,
                      "UPDATE tenantkit.secrets SET name = 'x' WHERE id = 'sec_globex'"))
              .isZero();
        });
  }

  @Test
  void forgedOrganizationIsRefused() throws Exception {
    refused("42501", "INSERT INTO tenantkit.projects VALUES ('globex', 'prj_forged', 'forged')");
    refused("42501", "UPDATE tenantkit.api_keys SET organization_id = 'globex'");
    refused("42501", "UPDATE tenantkit.secrets SET organization_id = 'globex'");
    refused(
        "42501",
        "INSERT INTO tenantkit.teams VALUES ('globex', 'team_x', 'Forged', 'x', now(), now())");
    refused(
        "42501",
        "INSERT INTO tenantkit.team_members VALUES ('globex', 'team_globex', 'USER', 'eve', 'x', now())");
    refused(
        "42501",
        "INSERT INTO tenantkit.secret_teams VALUES ('globex', 'sec_globex', 'team_globex')");
    refused("42501", "UPDATE tenantkit.teams SET organization_id = 'globex'");
    refused(
        "42501",
        "INSERT INTO tenantkit.key_notices VALUES ('globex', 'key_globex', 'NEAR_EXPIRY', now())");
    refused(
        "42501",
        "INSERT INTO tenantkit.audit_events VALUES ('globex', 'evt_forged', now(), 'HOST', 'x', 'a', 't', 'i', '{}')");
    refused(
        "42501",
        "INSERT INTO tenantkit.api_keys (id, organization_id, name, key_hash, key_prefix, created_by)"
            + " VALUES ('forged', 'globex', 'x', repeat('0', 64), 'ak_live_', 'x')");
  }

  @Test
  void foreignKeyCannotPointAtAnotherTenantsRow() throws Exception {
    refused(
        "23503",
        "INSERT INTO tenantkit.secrets VALUES"
            + " ('acme', 'sec_x', 'prj_globex', 'PRODUCTION', 'x', 'secret', 1, 'x', now(), now())");
    refused(
        "23503",
        "INSERT INTO tenantkit.team_members VALUES ('acme', 'team_globex', 'USER', 'eve', 'x', now())");
    refused(
        "23503", "INSERT INTO tenantkit.secret_teams VALUES ('acme', 'sec_acme', 'team_globex')");
    refused(
        "23503", "INSERT INTO tenantkit.secret_teams VALUES ('acme', 'sec_globex', 'team_acme')");
    refused(
        "23503",
        "INSERT INTO tenantkit.key_notices VALUES ('acme', 'key_globex', 'UNUSED', now())");
    refused(
        "23503",
        "INSERT INTO tenantkit.secret_versions VALUES ('acme', 'sec_globex', 2, 'k', '\\x00', 'x', now())");
  }

  @Test
  void trailIsNeverChangedNorTablesEmptied() throws Exception {
    refused("42501", "UPDATE tenantkit.audit_events SET action = 'x'");
    refused("42501", "DELETE FROM tenantkit.audit_events");
    for (String table : TENANT_TABLES) {
      refused("42501", "TRUNCATE tenantkit." + table + " CASCADE");
    }
    refused("42501", "DELETE FROM tenantkit.api_keys");
    refused("42501", "INSERT INTO tenantkit.organizations (id, name) VALUES ('acme2', 'x')");
    refused("42501", "UPDATE tenantkit.organizations SET status = 'ACTIVE'");
  }

  @Test
  void applicationCannotBecomeAnotherRoleNorOpenAllBySetting() throws Exception {
    for (String role :
        List.of(database.roles().owner(), database.roles().admin(), database.roles().lookup())) {
      refused("42501", "SET ROLE \"" + role.replace("\"", "\"\"") + '"');
    }
    asAcme(
        connection -> {
          changed(connection, "SET LOCAL app.is_super_admin = 'true'");
          assertThat(count(connection, "SELECT count(*) FROM tenantkit.api_keys")).isEqualTo(1);
        });
  }

  @Test
  void ownerSeesNothingEither() throws Exception {
    try (Connection owner = database.connect(database.roles().owner())) {
      assertThat(count(owner, "SELECT count(*) FROM tenantkit.api_keys")).isZero();
      assertThat(count(owner, "SELECT count(*) FROM tenantkit.secrets")).isZero();
    }
  }

  @Test
  void lookupFunctionAnswersOneKeyAndNothingElseMayBeReadThroughIt() throws Exception {
    KeyHash theirs = SAMPLES.key(GLOBEX, "key_globex").hash();
    assertThat(stores.apiKeys().lookup(theirs).orElseThrow().key().organization())
        .isEqualTo(GLOBEX);
    try (Connection connection = app.getConnection()) {
      assertThat(count(connection, "SELECT count(*) FROM tenantkit.api_key_by_hash('%')")).isZero();
      assertThat(count(connection, "SELECT count(*) FROM tenantkit.api_key_by_hash(NULL)"))
          .isZero();
    }
  }

  /** The seed's own statement, with its own columns, in the schema's search path. */
  @Test
  void rowWrittenByHandWithTheSeedsStatementIsReadable() throws Exception {
    database.asDba("CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public");
    try (Connection operator = database.connect(database.roles().admin());
        Statement statement = operator.createStatement()) {
      statement.execute("SET search_path = tenantkit, public");
      statement.execute(
          """
          INSERT INTO api_keys (
            id,
            organization_id,
            name,
            key_hash,
            key_prefix,
            scopes,
            enabled,
            created_by
          ) VALUES (
            'ak_manual_' || extract(epoch from now())::text,
            'acme',
            'Manual API Key',
            encode(digest('ak_test_yourkeyhere', 'sha256'), 'hex'),
            'ak_test_yourkey',
            '["flows:read", "flows:execute", "livekit:*", "No Scope"]'::jsonb,
            true,
            'manual-creation'
          )""");
    }
    byte[] digest =
        java.security.MessageDigest.getInstance("SHA-256")
            .digest("ak_test_yourkeyhere".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    KeyLookup found = stores.apiKeys().lookup(KeyHash.of(digest)).orElseThrow();

    ApiKey key = found.key();
    assertThat(key.organization()).isEqualTo(ACME);
    assertThat(key.mode()).isEqualTo(KeyMode.TEST);
    assertThat(key.scopes()).isEqualTo(ScopeSet.of("flows:read", "flows:execute", "livekit:*"));
    assertThat(key.enabled()).isTrue();
    assertThat(key.version()).isEqualTo(1);
    assertThat(key.family()).isEqualTo(key.id());
    assertThat(stores.apiKeys().list(TenantContext.trusted(ACME, "test"), null, 10)).hasSize(2);
  }

  /** What is done as acme, and rolled back. */
  private interface Work {
    void with(Connection connection) throws SQLException;
  }

  private static void asAcme(Work work) throws SQLException {
    try (Connection connection = app.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement set =
          connection.prepareStatement("SELECT set_config('app.organization_id', 'acme', true)")) {
        set.execute();
        work.with(connection);
      } finally {
        connection.rollback();
      }
    }
  }

  private static void refused(String state, String sql) throws SQLException {
    asAcme(
        connection -> {
          try {
            changed(connection, sql);
            throw new AssertionError("not refused: " + sql);
          } catch (SQLException e) {
            assertThat(e.getSQLState()).as(sql).isEqualTo(state);
          }
        });
  }

  private static int changed(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private static long count(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      results.next();
      return results.getLong(1);
    }
  }
}
