package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Processes that are killed when they have changed a key and not yet written of it: their event
 * waits for the head of the organization's chain, which is held. Neither is there afterwards.
 */
final class KilledBeforeAuditTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final List<String> CHANGES = List.of("create", "rotate", "revoke", "disable");

  @Test
  void neitherTheChangeNorItsEventIsThere() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (HikariDataSource app = database.app(2);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
        ControlPlane plane =
            ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build()) {
      plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
      List<ApiKeyId> ids = new ArrayList<>();
      for (String change : CHANGES) {
        ids.add(plane.apiKeys().create(CONTEXT, NewApiKey.live(change)).key().id());
      }
      List<Object> before = everything(storage);
      List<Process> children = new ArrayList<>();

      try (HeldRow head = new HeldRow(database, "audit_heads", "organization_id = 'acme'")) {
        for (int i = 0; i < CHANGES.size(); i++) {
          children.add(
              WriterProcess.start(
                  Changing.class,
                  Cluster.url(database.name()),
                  database.roles().application(),
                  CHANGES.get(i),
                  ids.get(i).value()));
        }
        List<LockWaits.Waiting> waiting = head.await(children);
        assertThat(waiting)
            .hasSize(CHANGES.size())
            .allSatisfy(
                each -> {
                  assertThat(each.query()).contains("audit_events");
                  assertThat(each.wroteKey()).as("the key was changed before").isTrue();
                });
        for (Process child : children) {
          assertThat(child.isAlive()).isTrue();
          child.destroyForcibly().waitFor();
        }
        head.release();
        head.awaitEnd(waiting);
      } finally {
        children.forEach(Process::destroyForcibly);
      }

      assertThat(everything(storage)).isEqualTo(before);
      try (Connection dba = database.dba();
          Statement statement = dba.createStatement();
          ResultSet broken = statement.executeQuery(AuditTampering.verifyAudit("postgresql"))) {
        assertThat(broken.next()).as("a chain is broken").isFalse();
      }
      // Nothing of them is in the way: the same changes can be made.
      for (int i = 0; i < CHANGES.size(); i++) {
        change(plane, CHANGES.get(i), ids.get(i));
      }
      assertThat(everything(storage)).isNotEqualTo(before);
    }
  }

  /** The tenant's keys and events. */
  private static List<Object> everything(JdbcStorage storage) {
    CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
    return List.of(
        stores.apiKeys().list(CONTEXT, null, 1_000), stores.audit().list(CONTEXT, null, 1_000));
  }

  private static void change(ControlPlane plane, String change, ApiKeyId id) {
    switch (change) {
      case "create" -> plane.apiKeys().create(CONTEXT, NewApiKey.live("another")).close();
      case "rotate" -> plane.apiKeys().rotate(CONTEXT, id, Rotation.immediate()).close();
      case "revoke" -> plane.apiKeys().revoke(CONTEXT, id, "over");
      default -> plane.apiKeys().disable(CONTEXT, id);
    }
  }

  /** The process that is killed. */
  static final class Changing {
    private Changing() {}

    public static void main(String[] arguments) {
      HikariDataSource pool = new HikariDataSource();
      pool.setJdbcUrl(arguments[0]);
      pool.setUsername(arguments[1]);
      pool.setPassword("unused");
      pool.setMaximumPoolSize(1);
      ControlPlane plane =
          ControlPlane.builder(
                  // It waits while the others start.
                  JdbcStorage.postgresql(pool).statementTimeout(WriterProcess.STATEMENT).open(),
                  VerifyingNode.masterKeys())
              .manualMaintenance()
              .build();
      change(plane, arguments[2], ApiKeyId.of(arguments[3]));
    }
  }
}
