package io.tenantkit.examples.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * A PostgreSQL of its own on the loopback, with our roles and schema, and pools of one connection if
 * nothing else is said.
 *
 * <p>The embedded server switches {@code fsync} and {@code synchronous_commit} off; here both are
 * set.
 */
final class Postgres implements AutoCloseable {
  private static final DatabaseRoles ROLES = DatabaseRoles.defaults();

  private final EmbeddedPostgres server;
  private final HikariDataSource application;
  private final HikariDataSource admin;
  private final JdbcStorage storage;

  private Postgres(EmbeddedPostgres server, int connections) throws SQLException {
    this.server = server;
    try (Connection dba = dba();
        Statement statement = dba.createStatement()) {
      statement.execute(ROLES.script());
    }
    try (HikariDataSource owner = pool(ROLES.owner(), 1)) {
      SchemaMigrator.postgresql(owner).migrate();
    }
    this.application = pool(ROLES.application(), connections);
    this.admin = pool(ROLES.admin(), 1);
    this.storage = JdbcStorage.postgresql(application).admin(admin).open();
  }

  /**
   * Starts a server.
   *
   * @param durable {@code on} as PostgreSQL's own default has it, or {@code off}
   */
  static Postgres start(String durable) throws IOException, SQLException {
    return start(durable, 1);
  }

  /** As {@link #start(String)}, with so many connections in the application's pool. */
  static Postgres start(String durable, int connections) throws IOException, SQLException {
    return new Postgres(
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", durable)
            .setServerConfig("synchronous_commit", durable)
            // All that is measured fits, so that a figure is not that of the disk's cache.
            .setServerConfig("shared_buffers", "2GB")
            .start(),
        connections);
  }

  JdbcStorage storage() {
    return storage;
  }

  /** The application role's pool, the one that the storage uses. */
  DataSource application() {
    return application;
  }

  /** A connection of the superuser, whom no policy holds; the caller closes it. */
  Connection dba() throws SQLException {
    return DriverManager.getConnection(url(), "postgres", "postgres");
  }

  private HikariDataSource pool(String role, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url());
    config.setUsername(role);
    config.setPassword("unused");
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }

  private String url() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
  }

  @Override
  public void close() throws IOException {
    storage.close();
    application.close();
    admin.close();
    server.close();
  }
}
