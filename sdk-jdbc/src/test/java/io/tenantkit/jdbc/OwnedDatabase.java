package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** A database and its owner, who reads and writes what no statement of the library does. */
abstract class OwnedDatabase implements AutoCloseable {
  private static final String TABLES =
      """
      SELECT table_name FROM information_schema.tables
       WHERE table_schema IN ('tenantkit', 'TENANTKIT') AND table_type = 'BASE TABLE' ORDER BY table_name""";

  /** A file of this name. */
  static OwnedDatabase h2(Path file) {
    return new H2(file);
  }

  /** A database of its own, migrated. */
  static OwnedDatabase postgresql() {
    return postgresql(Cluster.migrated());
  }

  static OwnedDatabase postgresql(Cluster.Database database) {
    return new Postgresql(database);
  }

  /** A storage, the caller's to close. */
  abstract JdbcStorage open();

  /** A connection with all rights, beside the library. */
  abstract Connection connect() throws SQLException;

  /** Before SQL that no foreign key and no trigger is to stop, and after it. */
  abstract String free();

  abstract String bound();

  /** A value of bytes. */
  abstract String literal(byte[] bytes);

  /** Which file of SQL verifies a chain. */
  abstract String dialect();

  /** Runs SQL that keys and triggers do not stop. */
  final void tamper(String... sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(free());
      try {
        for (String each : sql) {
          statement.execute(each);
        }
      } finally {
        statement.execute(bound());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(String.join("; ", sql), e);
    }
  }

  /** The first column of what is found. */
  final List<String> texts(String sql) {
    List<String> texts = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        texts.add(String.valueOf(found.getString(1)));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
    return texts;
  }

  final byte[] bytes(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      if (!found.next()) {
        throw new IllegalStateException("nothing found: " + sql);
      }
      return found.getBytes(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Every row of every table, sorted. */
  final List<String> dump() {
    return dump(".*");
  }

  /** Of the tables that have such a name, in lower case. */
  final List<String> dump(String names) {
    List<String> rows = new ArrayList<>();
    List<String> tables = new ArrayList<>(texts(TABLES));
    tables.removeIf(table -> !table.toLowerCase(Locale.ROOT).matches(names));
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String table : tables) {
        try (ResultSet found = statement.executeQuery("SELECT * FROM tenantkit." + table)) {
          while (found.next()) {
            rows.add(table + ": " + row(found));
          }
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    rows.sort(null);
    return rows;
  }

  private static String row(ResultSet found) throws SQLException {
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
      Object value = found.getObject(i);
      columns.add(
          value instanceof byte[] bytes
              ? HexFormat.of().formatHex(bytes)
              : String.valueOf(found.getString(i)));
    }
    return columns.toString();
  }

  /** Whether SQL alone finds that a chain is broken. */
  final boolean isChainBroken() {
    return !texts(AuditTampering.verifyAudit(dialect())).isEmpty();
  }

  @Override
  public abstract void close();

  /** A file, whose only user is its owner. */
  private static final class H2 extends OwnedDatabase {
    private final String url;
    private final Path file;

    H2(Path file) {
      this.file = file;
      this.url = "jdbc:h2:async:" + file.toAbsolutePath().normalize();
    }

    @Override
    JdbcStorage open() {
      return JdbcStorage.h2(file).open();
    }

    @Override
    Connection connect() throws SQLException {
      return DriverManager.getConnection(url + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE", "sa", "");
    }

    @Override
    String free() {
      return "SET REFERENTIAL_INTEGRITY FALSE";
    }

    @Override
    String bound() {
      return "SET REFERENTIAL_INTEGRITY TRUE";
    }

    @Override
    String literal(byte[] bytes) {
      return "X'" + HexFormat.of().formatHex(bytes) + "'";
    }

    @Override
    String dialect() {
      return "h2";
    }

    @Override
    public void close() {
      // Its files are the test's.
    }
  }

  /** A database of the cluster; its owner is a superuser, whom row level security does not bind. */
  private static final class Postgresql extends OwnedDatabase {
    private final Cluster.Database database;
    private final HikariDataSource app;
    private final HikariDataSource admin;

    Postgresql(Cluster.Database database) {
      this.database = database;
      this.app = database.app(4);
      this.admin = database.admin(2);
    }

    @Override
    JdbcStorage open() {
      return JdbcStorage.postgresql(app).admin(admin).open();
    }

    @Override
    Connection connect() throws SQLException {
      return database.dba();
    }

    @Override
    String free() {
      return "SET session_replication_role = replica";
    }

    @Override
    String bound() {
      return "SET session_replication_role = origin";
    }

    @Override
    String literal(byte[] bytes) {
      return "'\\x" + HexFormat.of().formatHex(bytes) + "'::bytea";
    }

    @Override
    String dialect() {
      return "postgresql";
    }

    @Override
    public void close() {
      app.close();
      admin.close();
    }
  }
}
