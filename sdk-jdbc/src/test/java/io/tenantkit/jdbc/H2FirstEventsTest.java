package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.audit.ChainVerification.Intact;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many transactions write the very first event of an organization at once, on H2. */
final class H2FirstEventsTest {
  private static final int THREADS = 64;
  private static final int ORGANIZATIONS = 12;

  @TempDir private Path folder;
  private JdbcStorage storage;
  private CoreStores stores;
  private ControlPlane plane;

  @BeforeEach
  void open() throws SQLException {
    storage = JdbcStorage.h2(folder.resolve("one")).open();
    stores = storage.stores(CoreStores.class).orElseThrow();
    plane = ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
    try (Connection connection = storage.connection();
        Statement statement = connection.createStatement()) {
      // By hand, so that nothing is in their trail.
      for (int i = 0; i < ORGANIZATIONS; i++) {
        statement.execute(
            "INSERT INTO tenantkit.organizations (id, name) VALUES ('org-%1$d', 'o')".formatted(i));
      }
      connection.commit();
    }
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
  }

  private static TenantContext context(int organization) {
    return TenantContext.trusted(OrganizationId.of("org-" + organization), "test");
  }

  private void assertOneChainEach() {
    for (int i = 0; i < ORGANIZATIONS; i++) {
      assertThat(plane.audit().verify(context(i)))
          .isInstanceOfSatisfying(
              Intact.class, intact -> assertThat(intact.events()).isEqualTo(THREADS));
    }
  }

  @Test
  void callsMakeOneChain() {
    Samples samples = new Samples();
    for (int i = 0; i < ORGANIZATIONS; i++) {
      TenantContext context = context(i);
      Race.of(
          THREADS,
          THREADS,
          call -> {
            stores.audit().append(context, samples.event(context.organization(), "first"));
            return true;
          });
    }
    assertOneChainEach();
  }

  /** What the host writes beside us does not take turns, and waits for the row of the head. */
  @Test
  void sqlByHandMakesOneChain() {
    for (int i = 0; i < ORGANIZATIONS; i++) {
      String organization = context(i).organization().value();
      Race.of(THREADS, THREADS, call -> byHand(organization, call));
    }
    assertOneChainEach();
  }

  private boolean byHand(String organization, int call) {
    try (Connection connection = storage.connection();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO tenantkit.audit_events (organization_id, id, occurred_at, actor_kind, actor_id, action,"
                    + " target_type, target_id) VALUES (?, ?, CURRENT_TIMESTAMP, 'HOST', 'dba', 'by.hand', 't', 'i')")) {
      insert.setString(1, organization);
      insert.setString(2, "evt_" + call);
      insert.executeUpdate();
      connection.commit();
      return true;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
