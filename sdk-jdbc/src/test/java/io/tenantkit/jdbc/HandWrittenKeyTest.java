package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A key that was written with SQL alone verifies, is managed, and keeps what only its hand knows.
 */
final class HandWrittenKeyTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final String KEY = "ak_test_yourkeyhere";

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static ControlPlane plane;

  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private ApiKeyManager keys;

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    database.asDba("CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public");
    app = database.app(2);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(bytes)))
            .revocationBound(Duration.ZERO)
            .manualMaintenance()
            .build();
  }

  @AfterAll
  static void close() {
    plane.close();
    storage.close();
    app.close();
    admin.close();
  }

  /** The seed's own statement, with its own columns. */
  @BeforeEach
  void writeByHand() throws SQLException {
    database.clear();
    keys = plane.apiKeys();
    plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
    asAdmin(
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
          '["flows:read", "flows:execute", "livekit:*"]'::jsonb,
          true,
          'manual-creation'
        )""");
  }

  @Test
  void keyVerifiesThroughTheManagerLikeAnyOther() {
    Verdict verdict = keys.verify(KEY, ScopeQuery.of("livekit:create-session"));

    ApiKey key = ((Verdict.Valid) verdict).key();
    assertThat(key.organization()).isEqualTo(ACME);
    assertThat(key.name()).isEqualTo("Manual API Key");
    assertThat(key.mode()).isEqualTo(KeyMode.TEST);
    assertThat(key.scopes()).isEqualTo(ScopeSet.of("flows:read", "flows:execute", "livekit:*"));
    assertThat(key.createdBy()).isEqualTo("manual-creation");
    assertThat(keys.verify(KEY, ScopeQuery.of("agents:read"))).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void keyIsSwitchedRotatedAndRevokedLikeAnyOther() {
    ApiKeyId id = id();

    keys.disable(acme, id);
    assertThat(keys.verify(KEY, ScopeQuery.none())).isInstanceOf(Verdict.Refused.class);
    keys.enable(acme, id);
    assertThat(keys.verify(KEY, ScopeQuery.none())).isInstanceOf(Verdict.Valid.class);
    IssuedApiKey next = keys.rotate(acme, id, Rotation.withGrace(Duration.ofHours(1)));
    assertThat(next.key().family()).isEqualTo(id);
    assertThat(next.key().mode()).isEqualTo(KeyMode.TEST);
    keys.revoke(acme, id, "over");
    assertThat(keys.verify(KEY, ScopeQuery.none())).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void whatWeCannotReadOutlivesOurChanges() throws SQLException {
    asAdmin(
        """
        DELETE FROM api_keys;
        INSERT INTO api_keys (id, organization_id, name, description, key_hash, key_prefix, scopes, rate_limit, usage_count,
                              created_by)
        VALUES ('by-hand', 'acme', E'Tab\\there', E'line one\\nline two\\u0007',
                encode(digest('ak_test_yourkeyhere', 'sha256'), 'hex'), 'ak_test_yourkey',
                '["flows:read", "Not A Scope", 7]', '{"requestsPerMinute": 60, "requestsPerHour": 1000}',
                '{"total": 41, "today": 3}', 'manual-creation')""");
    String before = handWritten();
    ApiKey read = keys.get(acme, ApiKeyId.of("by-hand"));
    assertThat(read.scopes()).isEqualTo(ScopeSet.of("flows:read"));
    assertThat(read.grants().limits()).hasSize(2);
    assertThat(read.use().count()).isEqualTo(41);
    assertThat(read.description()).contains("line one line two ");

    keys.disable(acme, read.id());
    keys.enable(acme, read.id());
    keys.rotate(acme, read.id(), Rotation.withGrace(Duration.ofHours(1)));
    keys.revoke(acme, read.id(), "over");

    assertThat(handWritten()).isEqualTo(before);
    assertThat(before).contains("Not A Scope", "line one\nline two");
    assertThat(keys.get(acme, read.id()).revocation()).isPresent();
  }

  @Test
  void troubleshootingQueriesWorkWithinATenantAndForTheAdmin() throws SQLException {
    String byPrefix =
        "SELECT id, name, enabled, revoked_at FROM api_keys WHERE key_prefix = 'ak_test_yourkey'";
    String byName = "SELECT id, name FROM organizations WHERE name = 'Acme'";
    String context = "SELECT current_setting('app.organization_id', true)";
    String superAdmin = "SELECT current_setting('app.is_super_admin', true)";
    try (Connection connection = app.getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "SET LOCAL search_path = tenantkit, public");
      assertThat(rows(connection, byPrefix)).isZero();
      try (PreparedStatement tenant =
          connection.prepareStatement("SELECT set_config('app.organization_id', 'acme', true)")) {
        tenant.execute();
      }
      assertThat(rows(connection, byPrefix)).isEqualTo(1);
      assertThat(rows(connection, byName)).isEqualTo(1);
      assertThat(rows(connection, context)).isEqualTo(1);
      assertThat(rows(connection, superAdmin)).isEqualTo(1);
      // A setting that anybody may set opens nothing.
      execute(connection, "SELECT set_config('app.organization_id', 'globex', true)");
      execute(connection, "SELECT set_config('app.is_super_admin', 'true', true)");
      assertThat(rows(connection, byPrefix)).isZero();
      connection.rollback();
    }
    try (Connection connection = admin.getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "SET LOCAL search_path = tenantkit, public");
      assertThat(rows(connection, byPrefix)).isEqualTo(1);
      assertThat(rows(connection, byName)).isEqualTo(1);
      connection.rollback();
    }
  }

  private ApiKeyId id() {
    return keys.list(acme, PageRequest.first(1)).items().get(0).id();
  }

  /** The columns that nobody but the hand that wrote them may change. */
  private static String handWritten() throws SQLException {
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT concat_ws('|', name, description, key_prefix, scopes, rate_limit, usage_count, created_by, mode,"
                    + " family_id) FROM tenantkit.api_keys WHERE id = 'by-hand'")) {
      row.next();
      return row.getString(1);
    }
  }

  private static void asAdmin(String sql) throws SQLException {
    // The admin role may not delete; a superuser with the schema in its path stands for the DBA.
    try (Connection connection =
        sql.startsWith("DELETE") ? database.dba() : database.connect(database.roles().admin())) {
      execute(connection, "SET search_path = tenantkit, public");
      execute(connection, sql);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int rows(Connection connection, String sql) throws SQLException {
    int rows = 0;
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      while (results.next()) {
        rows++;
      }
    }
    return rows;
  }
}
