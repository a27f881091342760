package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/**
 * Turns a driver's exception into ours: by SQLState and vendor code, never by text, and without the
 * driver's text.
 */
final class SqlErrors {
  private SqlErrors() {}

  /** A statement failed. */
  static TenantkitException statement(Dialect dialect, SQLException e) {
    return switch (dialect.classify(e)) {
      case TRANSIENT, BUSY ->
          failure(
              ErrorCode.STORAGE_BUSY,
              "the database aborted the transaction in favour of another",
              e);
      case UNAVAILABLE ->
          failure(ErrorCode.STORAGE_UNAVAILABLE, "the database cannot be reached", e);
      case READ_ONLY -> failure(ErrorCode.STORAGE_READ_ONLY, "the database refuses writes", e);
      case IN_USE ->
          failure(
              ErrorCode.STORAGE_IN_USE, "another process has the embedded database file open", e);
      case CLOSED -> failure(ErrorCode.CLOSED, "the storage is closed", e);
      case BAD_TEXT -> new InvalidInputException("text", "characters that the database can store");
      case DUPLICATE, MISSING_PARENT, OTHER -> other(e);
    };
  }

  private static StorageException other(SQLException e) {
    if (e instanceof SQLTransientConnectionException) {
      return failure(ErrorCode.STORAGE_UNAVAILABLE, "no connection to the database", e);
    }
    return failure(ErrorCode.STORAGE_FAILED, "the database failed", e);
  }

  /** No connection could be had. */
  static TenantkitException connecting(Dialect dialect, SQLException e) {
    Dialect.Failure failure = dialect.classify(e);
    String state = e.getSQLState();
    if (failure == Dialect.Failure.IN_USE || failure == Dialect.Failure.CLOSED) {
      return statement(dialect, e);
    }
    if (state != null && (state.startsWith("28") || state.startsWith("3D"))) {
      return failure(ErrorCode.STORAGE_FAILED, "the database refused the log-in", e);
    }
    return failure(ErrorCode.STORAGE_UNAVAILABLE, "no connection to the database", e);
  }

  /** The commit itself failed, so unless the database says that it rolled back, nobody knows. */
  static TenantkitException committing(Dialect dialect, SQLException e) {
    if (isAnswer(dialect, e)) {
      return statement(dialect, e);
    }
    return failure(ErrorCode.COMMIT_UNKNOWN, "the connection broke while committing", e);
  }

  private static boolean isAnswer(Dialect dialect, SQLException e) {
    String state = e.getSQLState();
    if (state == null) {
      return false;
    }
    if (dialect == Dialect.H2) {
      // Anything else comes from inside of the engine, which may have written already.
      return state.startsWith("22") || state.startsWith("23") || state.startsWith("40");
    }
    Dialect.Failure failure = dialect.classify(e);
    return failure != Dialect.Failure.UNAVAILABLE && failure != Dialect.Failure.CLOSED;
  }

  static StorageException failure(ErrorCode code, String message, SQLException e) {
    return new StorageException(code, message, DriverError.of(e));
  }
}
