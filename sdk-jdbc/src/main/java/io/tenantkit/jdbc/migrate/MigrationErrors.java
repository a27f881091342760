package io.tenantkit.jdbc.migrate;

import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * What a driver's exception means to a migration, by SQLState and vendor code and in the same codes
 * as the storage's own calls. The driver's text is left out.
 */
final class MigrationErrors {
  private static final int H2_FILE_IN_USE = 90020;
  private static final int H2_DATABASE_CLOSED = 90098;
  private static final int H2_DATABASE_CLOSED_BY = 90121;
  private static final int H2_DATABASE_READ_ONLY = 90097;
  private static final int H2_LOCK_TIMEOUT = 50200;
  private static final int H2_CONCURRENT_UPDATE = 90131;

  private MigrationErrors() {}

  /** No connection could be had. */
  static StorageException connecting(boolean postgresql, SQLException e) {
    ErrorCode code = code(postgresql, e);
    String state = e.getSQLState();
    boolean refused = state != null && (state.startsWith("28") || state.startsWith("3D"));
    if (code != ErrorCode.STORAGE_IN_USE && code != ErrorCode.CLOSED) {
      code = refused ? ErrorCode.STORAGE_FAILED : ErrorCode.STORAGE_UNAVAILABLE;
    }
    return new StorageException(code, "no connection for the migrations: " + described(e));
  }

  /** A statement failed. */
  static StorageException statement(boolean postgresql, String what, SQLException e) {
    ErrorCode code = code(postgresql, e);
    String hint =
        postgresql && code == ErrorCode.STORAGE_FAILED
            ? "; a DBA runs roles.sql first, and the migrations run as the owner role"
            : "";
    return new StorageException(code, what + " could not be applied: " + described(e) + hint);
  }

  private static String described(SQLException e) {
    return e.getClass().getName() + ", SQLState " + e.getSQLState();
  }

  private static ErrorCode code(boolean postgresql, SQLException e) {
    ErrorCode own = postgresql ? null : h2(e.getErrorCode());
    if (own != null) {
      return own;
    }
    ErrorCode standard = standard(e.getSQLState());
    return standard == ErrorCode.STORAGE_FAILED && e instanceof SQLTransientConnectionException
        ? ErrorCode.STORAGE_UNAVAILABLE
        : standard;
  }

  private static @Nullable ErrorCode h2(int code) {
    return switch (code) {
      case H2_FILE_IN_USE -> ErrorCode.STORAGE_IN_USE;
      case H2_DATABASE_CLOSED, H2_DATABASE_CLOSED_BY -> ErrorCode.CLOSED;
      case H2_DATABASE_READ_ONLY -> ErrorCode.STORAGE_READ_ONLY;
      case H2_LOCK_TIMEOUT, H2_CONCURRENT_UPDATE -> ErrorCode.STORAGE_BUSY;
      default -> null;
    };
  }

  private static ErrorCode standard(@Nullable String state) {
    if (state == null) {
      return ErrorCode.STORAGE_FAILED;
    }
    return switch (state) {
      case "40001", "40P01", "55P03", "57014" -> ErrorCode.STORAGE_BUSY;
      case "57P01", "57P02", "57P03", "53300" -> ErrorCode.STORAGE_UNAVAILABLE;
      case "25006", "53100" -> ErrorCode.STORAGE_READ_ONLY;
      default -> state.startsWith("08") ? ErrorCode.STORAGE_UNAVAILABLE : ErrorCode.STORAGE_FAILED;
    };
  }
}
