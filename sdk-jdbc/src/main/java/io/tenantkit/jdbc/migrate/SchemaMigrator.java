package io.tenantkit.jdbc.migrate;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Applies the schema's files that are missing, in order, each in one transaction, for hosts without
 * a migration tool. Files that Flyway, Liquibase or psql applied count as applied. Several nodes
 * may start at once: one applies, the others wait. Safe for use by several threads; blocks on the
 * database.
 */
public final class SchemaMigrator {
  /**
   * Any number, as long as it is always the same: the first eight bytes of "tenantkit" in ASCII.
   */
  private static final long LOCK = 0x74656e616e746b69L;

  // Whatever the pool's own isolation: a snapshot from before the lock would not see what the node
  // that held it has applied.
  private static final String LOCK_POSTGRESQL =
      "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(" + LOCK + ")";
  // Not lower(), which in H2 goes by the JVM's language: Turkish has another small i.
  private static final String PRESENT =
      """
      SELECT count(*)
        FROM information_schema.tables
       WHERE table_schema IN ('tenantkit', 'TENANTKIT') AND table_name IN ('schema_history', 'SCHEMA_HISTORY')""";
  private static final String READERS =
      "SELECT max(version) AS version, max(oldest_reader) AS oldest FROM tenantkit.schema_history";
  private static final String APPLIED =
      "SELECT checksum FROM tenantkit.schema_history WHERE version = ?";
  private static final String FILL =
      "UPDATE tenantkit.schema_history SET checksum = ? WHERE version = ? AND checksum IS NULL";

  private final List<Migration> migrations;
  private final boolean postgresql;
  private final Taker taker;
  private final Giver giver;

  /** Gives a connection. */
  @FunctionalInterface
  public interface Taker {
    /** A connection, which goes back through the giver. */
    Connection take() throws SQLException;
  }

  /** Takes a connection back. */
  @FunctionalInterface
  public interface Giver {
    /** Takes it back. */
    void give(Connection connection) throws SQLException;
  }

  private SchemaMigrator(List<Migration> migrations, boolean postgresql, Taker taker, Giver giver) {
    this.migrations = migrations;
    this.postgresql = postgresql;
    this.taker = taker;
    this.giver = giver;
  }

  /** For PostgreSQL, over a pool that is logged in as the owner role. */
  public static SchemaMigrator postgresql(DataSource owner) {
    Objects.requireNonNull(owner, "owner");
    return new SchemaMigrator(Migration.POSTGRESQL, true, owner::getConnection, Connection::close);
  }

  /** For H2. Hosts do not need it: opening the storage does this. */
  public static SchemaMigrator h2(Taker taker, Giver giver) {
    return new SchemaMigrator(Migration.H2, false, taker, giver);
  }

  /**
   * Brings the schema up to this library.
   *
   * @return the files that were applied now
   * @throws TenantkitException with {@link ErrorCode#SCHEMA_CHANGED} when a file that was applied
   *     differs from ours, {@link ErrorCode#SCHEMA_TOO_NEW} when a newer library wrote the schema
   *     and ours may not read it
   */
  public List<String> migrate() {
    Connection connection;
    try {
      connection = taker.take();
    } catch (SQLException e) {
      throw MigrationErrors.connecting(postgresql, e);
    }
    boolean done = false;
    try {
      List<String> applied = migrate(connection);
      done = true;
      return applied;
    } catch (SQLException e) {
      throw MigrationErrors.statement(postgresql, "the migrations", e);
    } finally {
      give(connection, done);
    }
  }

  private List<String> migrate(Connection connection) throws SQLException {
    List<String> applied = new ArrayList<>();
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    boolean done = false;
    try {
      for (Migration migration : migrations) {
        if (inTransaction(connection, migration)) {
          applied.add(migration.file());
        }
      }
      done = true;
    } finally {
      if (!done) {
        undo(connection, autoCommit);
      }
    }
    connection.setAutoCommit(autoCommit);
    return List.copyOf(applied);
  }

  /** The failure that led here tells more than one of these would. */
  private static void undo(Connection connection, boolean autoCommit) {
    try {
      connection.rollback();
      // Only once there is nothing left that this would commit.
      connection.setAutoCommit(autoCommit);
    } catch (SQLException e) {
      abort(connection);
    }
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It is broken already.
      return;
    }
  }

  private void give(Connection connection, boolean done) {
    try {
      giver.give(connection);
    } catch (SQLException e) {
      if (done) {
        throw MigrationErrors.statement(postgresql, "the migrations", e);
      }
    }
  }

  private boolean inTransaction(Connection connection, Migration migration) throws SQLException {
    if (postgresql) {
      // Held until the transaction ends, however it ends.
      execute(connection, LOCK_POSTGRESQL);
    }
    boolean begun = count(connection) != 0;
    if (begun) {
      requireReadable(connection);
    }
    boolean missing = !begun || !isApplied(connection, migration);
    if (missing) {
      try {
        execute(connection, migration.sql());
      } catch (SQLException e) {
        throw MigrationErrors.statement(postgresql, migration.file(), e);
      }
    }
    try (PreparedStatement fill = connection.prepareStatement(FILL)) {
      fill.setString(1, migration.checksum());
      fill.setInt(2, migration.version());
      fill.executeUpdate();
    }
    connection.commit();
    return missing;
  }

  /** Before anything is compared or written: a newer library may have changed what either means. */
  private void requireReadable(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READERS);
        ResultSet found = statement.executeQuery()) {
      found.next();
      int known = Migration.newest(migrations);
      int oldest = found.getInt("oldest");
      if (known < oldest) {
        throw new TenantkitException(
            ErrorCode.SCHEMA_TOO_NEW,
            "the schema is of version "
                + found.getInt("version")
                + " and may be read from version "
                + oldest
                + " on; this library knows "
                + known);
      }
    }
  }

  private static boolean isApplied(Connection connection, Migration migration) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(APPLIED)) {
      statement.setInt(1, migration.version());
      try (ResultSet found = statement.executeQuery()) {
        if (!found.next()) {
          return false;
        }
        requireUnchanged(migration, found.getString(1));
        return true;
      }
    }
  }

  private static void requireUnchanged(Migration migration, @Nullable String checksum) {
    // None was recorded when another tool applied the file; ours is taken then.
    if (checksum != null && !checksum.equals(migration.checksum())) {
      throw new TenantkitException(
          ErrorCode.SCHEMA_CHANGED,
          migration.file() + " was applied with other contents than this library's");
    }
  }

  private static int count(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PRESENT);
        ResultSet found = statement.executeQuery()) {
      found.next();
      return found.getInt(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
