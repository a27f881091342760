package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.Migration;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** What the schema says of itself, read at the start. */
final class Schema {
  private static final int OLDEST_POSTGRESQL = 14;
  private static final int OLDEST_H2 = 2;
  private static final String READ_H2 =
      """
      SELECT i.id, '' AS application_role, '' AS admin_role, '' AS database_name
        FROM tenantkit.installation i""";
  private static final String READ_POSTGRESQL =
      """
      SELECT i.id,
             (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'application') AS application_role,
             (SELECT r.role_name FROM tenantkit.role_names r WHERE r.kind = 'admin') AS admin_role,
             current_database() AS database_name
        FROM tenantkit.installation i""";
  private static final String VERSION =
      "SELECT max(version) AS version, max(oldest_reader) AS oldest_reader FROM tenantkit.schema_history";

  private Schema() {}

  /**
   * Which database this is.
   *
   * @param id made at the first migration
   * @param version the newest migration's number
   * @param database its name on PostgreSQL, where a copy in the same cluster has the same id
   */
  record Installation(
      String id, String applicationRole, String adminRole, int version, String database) {
    boolean isSameDatabase(Installation other) {
      return id.equals(other.id) && database.equals(other.database);
    }
  }

  /** Refuses what is not ours, too old or too new. */
  static Installation check(Dialect dialect, ConnectionSource source) {
    Connection connection;
    try {
      connection = source.take();
    } catch (SQLException e) {
      throw SqlErrors.connecting(dialect, e);
    }
    try {
      requireProduct(dialect, connection);
      int version = requireVersion(dialect, connection);
      return read(dialect, connection, version);
    } catch (SQLException e) {
      throw missing(dialect, e);
    } finally {
      giveBack(source, connection);
    }
  }

  private static void requireProduct(Dialect dialect, Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    int oldest = dialect == Dialect.POSTGRESQL ? OLDEST_POSTGRESQL : OLDEST_H2;
    if (!dialect.product().equals(product)
        || connection.getMetaData().getDatabaseMajorVersion() < oldest) {
      throw new TenantkitException(
          ErrorCode.UNSUPPORTED_DATABASE,
          "this is not " + dialect.product() + " " + oldest + " or later");
    }
  }

  private static int requireVersion(Dialect dialect, Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(VERSION);
        ResultSet found = statement.executeQuery()) {
      int version = found.next() ? found.getInt("version") : 0;
      int known =
          Migration.newest(dialect == Dialect.POSTGRESQL ? Migration.POSTGRESQL : Migration.H2);
      if (version < known) {
        throw outdated(dialect, version);
      }
      if (known < found.getInt("oldest_reader")) {
        throw new TenantkitException(
            ErrorCode.SCHEMA_TOO_NEW,
            "the schema is of version "
                + version
                + " and may be read from version "
                + found.getInt("oldest_reader")
                + " on; this library knows "
                + known);
      }
      return version;
    }
  }

  private static Installation read(Dialect dialect, Connection connection, int version)
      throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(dialect == Dialect.POSTGRESQL ? READ_POSTGRESQL : READ_H2);
        ResultSet found = statement.executeQuery()) {
      if (!found.next()) {
        throw outdated(dialect, 0);
      }
      return new Installation(
          found.getString("id"),
          found.getString("application_role"),
          found.getString("admin_role"),
          version,
          found.getString("database_name"));
    }
  }

  private static TenantkitException missing(Dialect dialect, SQLException e) {
    String state = e.getSQLState();
    // Undefined table or schema in either database's words.
    if (state != null
        && (state.equals("42P01")
            || state.equals("3F000")
            || state.startsWith("42S")
            || state.startsWith("90079"))) {
      return outdated(dialect, 0);
    }
    if ("42501".equals(state)) {
      return new DatabaseUnsafeException(
          List.of(
              new DatabaseUnsafeException.Finding(
                  "schema.unreadable",
                  "the role may not use the schema tenantkit: it is not the schema's role, or lost its grants",
                  "-- run roles.sql again, and log the pool in as the role that it names")));
    }
    return SqlErrors.statement(dialect, e);
  }

  private static TenantkitException outdated(Dialect dialect, int version) {
    boolean postgresql = dialect == Dialect.POSTGRESQL;
    List<Migration> all = postgresql ? Migration.POSTGRESQL : Migration.H2;
    String files =
        all.stream()
            .filter(m -> m.version() > version)
            .map(Migration::file)
            .collect(Collectors.joining(", "));
    return new TenantkitException(
        ErrorCode.SCHEMA_OUTDATED,
        "the schema is of version "
            + version
            + "; run "
            + files
            + (postgresql ? " as the owner role" : "")
            + (postgresql && version == 0 ? ", after a DBA has run roles.sql" : ""));
  }

  static void giveBack(ConnectionSource source, Connection connection) {
    try {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
      source.give(connection);
    } catch (SQLException e) {
      H2Pool.closeQuietly(connection);
    }
  }
}
