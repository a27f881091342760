package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.StorageException;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import io.tenantkit.spi.CoreStores;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A server whose process dies goes on under the same postmaster, may have lost transactions that
 * were seen, and gives out their numbers again: a server of its own, since all its sessions die.
 */
final class FeedAfterCrashTest {
  private static final DatabaseRoles ROLES = DatabaseRoles.defaults();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void crashThatThePostmasterSurvivesIsEverything() throws Exception {
    // The embedded server loses commits in a crash unless told otherwise, the schema's among them.
    try (EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setServerConfig("synchronous_commit", "on")
            .setPGStartupWait(Cluster.STARTUP)
            .start()) {
      try (Connection dba = server.getPostgresDatabase().getConnection();
          Statement statement = dba.createStatement()) {
        statement.execute(ROLES.script());
      }
      try (HikariDataSource owner = pool(server, ROLES.owner())) {
        SchemaMigrator.postgresql(owner).migrate();
      }
      try (HikariDataSource app = pool(server, ROLES.application());
          JdbcStorage storage = JdbcStorage.postgresql(app).open()) {
        ChangeStore changes = storage.stores(CoreStores.class).orElseThrow().changes();
        ChangeStore.Cursor cursor = changes.since(null, 10).cursor();
        assertThat(changes.since(cursor, 10).everything()).isFalse();
        String started = ask(app, "SELECT pg_postmaster_start_time()");

        kill(Long.parseLong(ask(app, "SELECT pg_backend_pid()")));

        Changes after = whenItIsBack(changes, cursor);
        assertThat(ask(app, "SELECT pg_postmaster_start_time()")).isEqualTo(started);
        assertThat(after.everything()).isTrue();
        assertThat(changes.since(after.cursor(), 10).everything()).isFalse();
      }
    }
  }

  private static HikariDataSource pool(EmbeddedPostgres server, String role) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(server.getJdbcUrl(role, "postgres"));
    pool.setUsername(role);
    pool.setMaximumPoolSize(1);
    pool.setConnectionTimeout(2_000);
    return pool;
  }

  private static String ask(HikariDataSource pool, String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      assertThat(found.next()).isTrue();
      return found.getString(1);
    }
  }

  /** As the kernel does when memory runs out. */
  private static void kill(long process) {
    ProcessHandle backend = ProcessHandle.of(process).orElseThrow();
    assertThat(backend.destroyForcibly()).isTrue();
    backend.onExit().join();
  }

  private static Changes whenItIsBack(ChangeStore changes, ChangeStore.Cursor cursor) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return changes.since(cursor, 10);
      } catch (StorageException e) {
        if (System.nanoTime() > end) {
          throw new AssertionError("the server did not come back", e);
        }
      }
    }
  }
}
