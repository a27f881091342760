package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Writers with a connection each, which all wait in the database for one row before it is let go:
 * they meet there and not before a pool.
 */
final class PostgresqlMeetingTest {
  private static final int ROTATIONS = 100;
  private static final int WRITERS = 64;
  private static final Operator OPERATOR = Operator.trusted("ops", "test");

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static ControlPlane plane;

  /** Far beyond what a busy machine needs: the last one's turn comes after all others'. */
  private static final Duration STATEMENT = Duration.ofMinutes(2);

  @BeforeAll
  static void open() throws SQLException {
    database = Cluster.migrated();
    app = database.app(ROTATIONS);
    admin = database.admin(1);
    fill();
    storage = JdbcStorage.postgresql(app).admin(admin).statementTimeout(STATEMENT).open();
    plane = ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
  }

  @AfterAll
  static void close() {
    plane.close();
    storage.close();
    app.close();
    admin.close();
  }

  /** To open so many takes a while, in which those that wait already would count their time. */
  private static void fill() throws SQLException {
    List<Connection> all = new ArrayList<>();
    try {
      while (all.size() < ROTATIONS) {
        all.add(app.getConnection());
      }
    } finally {
      for (Connection each : all) {
        each.close();
      }
    }
  }

  private static TenantContext organization(String name) {
    OrganizationId id = OrganizationId.of(name);
    plane.organizations().create(OPERATOR, id, name);
    return TenantContext.trusted(id, "test");
  }

  private static List<AuditEvent> events(TenantContext tenant) {
    return storage.stores(CoreStores.class).orElseThrow().audit().list(tenant, null, 1_000);
  }

  @Test
  void hundredRotationsThatWaitForOneKeyMakeOneSuccessor() throws Exception {
    TenantContext tenant = organization("rotated");
    ApiKeyId old = plane.apiKeys().create(tenant, NewApiKey.live("x")).key().id();
    ExecutorService all = Executors.newSingleThreadExecutor();
    List<Optional<String>> answers;
    try (HeldRow key = new HeldRow(database, "api_keys", "id = '" + old + "'")) {
      Future<List<Optional<String>>> race =
          all.submit(() -> Race.of(ROTATIONS, ROTATIONS, i -> rotated(tenant, old)));
      key.await(ROTATIONS);
      key.release();
      answers = Race.get(race);
    } finally {
      all.shutdownNow();
    }

    String successor = plane.apiKeys().get(tenant, old).successor().orElseThrow().value();
    assertThat(answers.stream().flatMap(Optional::stream))
        .as("what the others were told")
        .hasSize(ROTATIONS - 1)
        .containsOnly(successor);
    assertThat(events(tenant).stream().filter(each -> each.action().equals("api_key.rotated")))
        .hasSize(1);
    assertIntact();
  }

  /** The successor that another has made; empty for who made it. */
  private static Optional<String> rotated(TenantContext tenant, ApiKeyId old) {
    try (IssuedApiKey won = plane.apiKeys().rotate(tenant, old, Rotation.immediate())) {
      assertThat(won.key().family()).isEqualTo(old);
      return Optional.empty();
    } catch (ConflictException e) {
      return Optional.of(e.existingId().orElseThrow());
    }
  }

  @Test
  void writersThatWaitForOneHeadMakeOneChain() throws Exception {
    TenantContext tenant = organization("chained");
    int before = events(tenant).size();
    ExecutorService all = Executors.newSingleThreadExecutor();
    try (HeldRow head = new HeldRow(database, "audit_heads", "organization_id = 'chained'")) {
      Future<List<ApiKeyId>> race =
          all.submit(
              () ->
                  Race.of(
                      WRITERS,
                      WRITERS,
                      i -> {
                        try (IssuedApiKey key =
                            plane.apiKeys().create(tenant, NewApiKey.live("k" + i))) {
                          return key.key().id();
                        }
                      }));
      head.await(WRITERS);
      head.release();
      assertThat(Race.get(race)).doesNotHaveDuplicates();
    } finally {
      all.shutdownNow();
    }

    assertThat(events(tenant)).hasSize(before + WRITERS);
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(DISTINCT seq) AS n, min(seq) AS first, max(seq) AS last,"
                    + " (SELECT h.seq FROM tenantkit.audit_heads h"
                    + " WHERE h.organization_id = 'chained') AS head"
                    + " FROM tenantkit.audit_events WHERE organization_id = 'chained'")) {
      row.next();
      assertThat(row.getInt("n")).isEqualTo(before + WRITERS);
      assertThat(row.getInt("first")).isOne();
      assertThat(row.getInt("last")).isEqualTo(before + WRITERS);
      assertThat(row.getInt("head")).isEqualTo(before + WRITERS);
    }
    assertIntact();
  }

  private static void assertIntact() throws Exception {
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet broken = statement.executeQuery(AuditTampering.verifyAudit("postgresql"))) {
      assertThat(broken.next()).as("a chain is broken").isFalse();
    }
  }
}
