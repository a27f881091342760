package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.audit.ChainVerification.Intact;
import io.tenantkit.jdbc.migrate.Migration;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A schema that already holds events gets the chain: it begins there, and is never backfilled. */
final class AuditUpgradeTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final int BEFORE_THE_CHAIN = 4;
  private static final String ROWS =
      """
      INSERT INTO tenantkit.organizations (id, name) VALUES ('acme', 'Acme');
      INSERT INTO tenantkit.audit_events (organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id)
      VALUES ('acme', 'b', TIMESTAMP WITH TIME ZONE '2026-01-02 00:00:00+00', 'HOST', 'x', 'second', 't', 'i'),
             ('acme', 'a', TIMESTAMP WITH TIME ZONE '2026-01-02 00:00:00+00', 'HOST', 'x', 'first', 't', 'i'),
             ('acme', 'c', TIMESTAMP WITH TIME ZONE '2026-01-03 00:00:00+00', 'HOST', 'x', 'third', 't', 'i');
      """;

  @TempDir private Path folder;

  @Test
  void onPostgresql() {
    Cluster.Database database = Cluster.empty();
    for (Migration migration : Migration.POSTGRESQL.subList(0, BEFORE_THE_CHAIN)) {
      asOwner(database, migration.sql());
    }
    database.asDba(ROWS);
    for (Migration migration :
        Migration.POSTGRESQL.subList(BEFORE_THE_CHAIN, Migration.POSTGRESQL.size())) {
      asOwner(database, migration.sql());
    }
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1);
        HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1)) {
      SchemaMigrator.postgresql(owner).migrate();
      try (JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open()) {
        chainBeginsHere(storage);
      }
    }
  }

  private static void asOwner(Cluster.Database database, String sql) {
    try (Connection owner = database.connect(database.roles().owner());
        Statement statement = owner.createStatement()) {
      statement.execute(sql);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void onH2() throws Exception {
    Path file = folder.resolve("old");
    try (Connection connection = DriverManager.getConnection("jdbc:h2:" + file, "sa", "");
        Statement statement = connection.createStatement()) {
      for (Migration migration : Migration.H2.subList(0, BEFORE_THE_CHAIN)) {
        statement.execute(migration.sql());
      }
      statement.execute(ROWS);
    }
    try (JdbcStorage storage = JdbcStorage.h2(file).open()) {
      chainBeginsHere(storage);
    }
  }

  private static void chainBeginsHere(JdbcStorage storage) {
    CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
    stores.audit().append(CONTEXT, new Samples().event(ACME, "fourth"));

    List<AuditRecord> records = stores.audit().records(CONTEXT, Long.MIN_VALUE, 10);

    assertThat(records).extracting(AuditRecord::seq).containsExactly(-2L, -1L, 0L, 1L);
    assertThat(records)
        .extracting(row -> row.event().action())
        .containsExactly("first", "second", "third", "fourth");
    assertThat(records)
        .extracting(row -> row.hash().isPresent())
        .containsExactly(false, false, false, true);
    try (ControlPlane plane =
        ControlPlane.builder(
                storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
            .manualMaintenance()
            .build()) {
      assertThat(plane.audit().verify(CONTEXT))
          .isInstanceOfSatisfying(Intact.class, found -> assertThat(found.events()).isOne());
    }
  }
}
