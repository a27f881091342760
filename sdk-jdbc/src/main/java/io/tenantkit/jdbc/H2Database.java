package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Our own H2 file. The write delay is not kept in the file and would be half a second at every
 * start, in which acknowledged commits are lost when the process is killed: so it is set at every
 * open and read back.
 */
final class H2Database implements AutoCloseable {
  static final List<ReadinessIssue> READINESS =
      List.of(
          new ReadinessIssue(
              "storage.h2",
              "One process at a time. Commits survive a killed process; that they survive a power failure is not proven."
                  + " Use PostgreSQL where either matters."));

  private static final String DRIVER = "org.h2.Driver";
  // No trace file: it would hold statements and values.
  private static final String SETTINGS =
      ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;LOCK_TIMEOUT=10000";
  private static final int OTHER_FILE_FORMAT = 90048;

  private final Path folder;
  private final H2Pool pool;
  private final WriterLock writer = new WriterLock(Duration.ofSeconds(10));

  private H2Database(Path folder, H2Pool pool) {
    this.folder = folder;
    this.pool = pool;
  }

  static H2Database open(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    Path folder = absolute.getParent();
    if (folder == null || absolute.toString().indexOf(';') >= 0) {
      throw new InvalidInputException("file", "a path of a file, without ';'");
    }
    makeFolder(folder);
    Driver driver = driver();
    // Asynchronous, because any other channel is closed, and the database with it, when a thread
    // that reads or writes is interrupted.
    String url = "jdbc:h2:async:" + absolute + SETTINGS;
    ConnectionSource source = () -> connect(driver, url);
    Connection first;
    try {
      first = source.take();
    } catch (SQLException e) {
      throw opening(e);
    }
    H2Pool pool = new H2Pool(source, first);
    boolean opened = false;
    try {
      requireDurable(pool);
      SchemaMigrator.h2(pool::take, pool::give).migrate();
      opened = true;
      return new H2Database(folder, pool);
    } finally {
      if (!opened) {
        pool.close();
      }
    }
  }

  private static void makeFolder(Path folder) {
    try {
      if (Files.isDirectory(folder)) {
        return;
      }
      if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectories(folder);
      }
    } catch (IOException e) {
      throw new StorageException(
          ErrorCode.STORAGE_FAILED, "the folder of the database file cannot be made", e);
    }
  }

  /**
   * The driver that came with us or, in a container, the one that the caller's class loader sees.
   */
  private static Driver driver() {
    Driver driver = driver(H2Database.class.getClassLoader());
    if (driver == null) {
      driver = driver(Thread.currentThread().getContextClassLoader());
    }
    if (driver == null) {
      throw new TenantkitException(
          ErrorCode.UNSUPPORTED_DATABASE,
          "H2's driver is not on the class path: add com.h2database:h2 2.2 or later");
    }
    return driver;
  }

  private static @Nullable Driver driver(@Nullable ClassLoader loader) {
    try {
      return Class.forName(DRIVER, true, loader)
          .asSubclass(Driver.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  private static Connection connect(Driver driver, String url) throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "sa");
    login.setProperty("password", "");
    return driver.connect(url, login);
  }

  private static TenantkitException opening(SQLException e) {
    if (e.getErrorCode() == OTHER_FILE_FORMAT) {
      return SqlErrors.failure(
          ErrorCode.UNSUPPORTED_DATABASE,
          "the file is of an H2 version that this driver does not read",
          e);
    }
    if (Dialect.H2.classify(e) == Dialect.Failure.IN_USE) {
      return SqlErrors.statement(Dialect.H2, e);
    }
    return SqlErrors.failure(
        ErrorCode.STORAGE_FAILED, "the file cannot be opened as an H2 database", e);
  }

  /** Reads the write delay back. */
  static void requireDurable(H2Pool pool) {
    try {
      Connection connection = pool.take();
      try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'");
          ResultSet found = statement.executeQuery()) {
        if (!found.next() || found.getInt(1) != 0) {
          throw new StorageException(
              ErrorCode.DURABILITY_UNSAFE,
              "H2's write delay is not 0, so a killed process loses acknowledged commits");
        }
      } finally {
        pool.give(connection);
      }
    } catch (SQLException e) {
      throw SqlErrors.statement(Dialect.H2, e);
    }
  }

  /** What whoever writes must have. */
  WriterLock writer() {
    return writer;
  }

  H2Pool pool() {
    return pool;
  }

  Path folder() {
    return folder;
  }

  Connection connection() {
    try {
      Connection connection = pool.extra();
      connection.setAutoCommit(false);
      return H2HostConnection.of(connection, writer);
    } catch (SQLException e) {
      throw SqlErrors.connecting(Dialect.H2, e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
