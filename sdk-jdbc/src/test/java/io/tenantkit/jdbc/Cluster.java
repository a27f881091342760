package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** One PostgreSQL per test JVM, with a fresh database and roles of other names for each class. */
final class Cluster {
  /** How long a server may take to come up. */
  static final Duration STARTUP = Duration.ofMinutes(1);

  private static final String CHILD = "child";
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Cluster() {}

  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("max_connections", "200")
            // To a file, so that a test can look at it.
            .setServerConfig("logging_collector", "on")
            .setPGStartupWait(STARTUP)
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static int port() {
    return Server.POSTGRES.getPort();
  }

  static String url(String database) {
    return url(port(), database);
  }

  private static String url(int port, String database) {
    return "jdbc:postgresql://localhost:" + port + "/" + database;
  }

  /** A database with the roles and the schema's owner, not migrated. */
  static Database empty() {
    return empty(port());
  }

  private static Database empty(int port) {
    int number = NUMBER.incrementAndGet();
    String name = "control_" + number;
    // Names that need quoting, and none of the defaults.
    DatabaseRoles roles =
        new DatabaseRoles(
            "Own er " + number, "app's_" + number, "Admin\"" + number, "look-up " + number);
    try (Connection dba =
            DriverManager.getConnection(url(port, "postgres"), "postgres", "postgres");
        Statement statement = dba.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    Database database = new Database(port, name, roles);
    database.asDba(roles.script());
    return database;
  }

  /** A database with the schema. */
  static Database migrated() {
    return migrated(port());
  }

  /** The same on a server of the test's own. */
  static Database migrated(int port) {
    Database database = empty(port);
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1)) {
      io.tenantkit.jdbc.migrate.SchemaMigrator.postgresql(owner).migrate();
    }
    return database;
  }

  /** One database. */
  record Database(int port, String name, DatabaseRoles roles) {
    /** Of the server that all tests share. */
    Database(String name, DatabaseRoles roles) {
      this(Cluster.port(), name, roles);
    }

    HikariDataSource pool(String role, int size) {
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(url(port, name));
      config.setUsername(role);
      config.setPassword("unused");
      config.setMaximumPoolSize(size);
      config.setConnectionTimeout(20_000);
      // Neither the JVM's zone nor UTC.
      config.setConnectionInitSql("SET TIME ZONE 'America/St_Johns'");
      return new HikariDataSource(config);
    }

    /** For a process that is to be killed. */
    String childUrl() {
      return url(port, name) + "?ApplicationName=" + CHILD;
    }

    /**
     * Waits until nothing is left at the server of processes that were killed. The server finishes
     * what it was asked before it sees that nobody is there any more, so until then a look at two
     * tables may see two states.
     */
    void awaitChildrenGone() {
      await(
          "sessions of a killed process end",
          "SELECT count(*) = 0 FROM pg_stat_activity"
              + " WHERE datname = current_database() AND application_name = '"
              + CHILD
              + "'");
    }

    /** Asks the database again and again until it answers true. */
    void await(String what, String query) {
      try (Connection dba = dba();
          Statement asking = dba.createStatement()) {
        Bounded.await(
            what,
            () -> {
              try (ResultSet answer = asking.executeQuery(query)) {
                answer.next();
                return answer.getBoolean(1);
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    HikariDataSource app(int size) {
      return pool(roles.application(), size);
    }

    HikariDataSource admin(int size) {
      return pool(roles.admin(), size);
    }

    Connection connect(String role) throws SQLException {
      return DriverManager.getConnection(url(port, name), role, "unused");
    }

    Connection dba() throws SQLException {
      return DriverManager.getConnection(url(port, name), "postgres", "postgres");
    }

    void asDba(String sql) {
      try (Connection dba = dba();
          Statement statement = dba.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new IllegalStateException(sql, e);
      }
    }

    /**
     * Empties the tables. A call that the test before left behind may be on its way through them,
     * and of two who wait for each other the database ends one, which may be this.
     */
    void clear() {
      for (int attempt = 1; ; attempt++) {
        try {
          clearOnce();
          return;
        } catch (IllegalStateException e) {
          if (attempt == 5 || !isDeadlock(e.getCause())) {
            throw e;
          }
        }
      }
    }

    private static boolean isDeadlock(Throwable cause) {
      return cause instanceof SQLException failed && "40P01".equals(failed.getSQLState());
    }

    /** Few rows are sooner deleted than their tables truncated. */
    private void clearOnce() {
      asDba(
          """
          DO $$ DECLARE name text; names text[]; BEGIN
            SET LOCAL session_replication_role = replica; -- no triggers, no foreign keys
            names := ARRAY(SELECT tablename FROM pg_tables
                            WHERE schemaname = 'tenantkit'
                              AND tablename NOT IN ('schema_history', 'role_names', 'installation', 'change_horizon'));
            -- First all locks: what is under way ends, and its rows are seen.
            FOREACH name IN ARRAY names LOOP
              EXECUTE format('LOCK TABLE tenantkit.%I', name);
            END LOOP;
            FOREACH name IN ARRAY names LOOP
              EXECUTE format('DELETE FROM tenantkit.%I', name);
            END LOOP;
          END $$""");
    }
  }
}
