package io.tenantkit.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The little in which the two databases differ. SQL is written once; {@code ?json} marks a
 * parameter that is a JSON text.
 */
enum Dialect {
  H2("H2", "?"),
  POSTGRESQL("PostgreSQL", "CAST(? AS jsonb)");

  /** What a failure means, as far as one statement can tell. */
  enum Failure {
    DUPLICATE,
    MISSING_PARENT,
    TRANSIENT,
    BUSY,
    UNAVAILABLE,
    READ_ONLY,
    IN_USE,
    CLOSED,
    BAD_TEXT,
    OTHER
  }

  private static final int H2_FILE_IN_USE = 90020;
  private static final int H2_DATABASE_CLOSED = 90098;
  private static final int H2_DATABASE_CLOSED_BY = 90121;
  private static final int H2_DATABASE_READ_ONLY = 90097;
  private static final int H2_LOCK_TIMEOUT = 50200;
  private static final int H2_CONCURRENT_UPDATE = 90131;

  private final String product;
  private final String json;

  Dialect(String product, String json) {
    this.product = product;
    this.json = json;
  }

  /** The product's name as its driver gives it. */
  String product() {
    return product;
  }

  /** The statement's text for this database. */
  String sql(String text) {
    return text.replace("?json", json);
  }

  Failure classify(SQLException e) {
    Failure own = this == H2 ? h2(e.getErrorCode()) : null;
    return own != null ? own : standard(e.getSQLState());
  }

  private static @Nullable Failure h2(int code) {
    return switch (code) {
      case H2_FILE_IN_USE -> Failure.IN_USE;
      case H2_DATABASE_CLOSED, H2_DATABASE_CLOSED_BY -> Failure.CLOSED;
      case H2_DATABASE_READ_ONLY -> Failure.READ_ONLY;
      case H2_LOCK_TIMEOUT -> Failure.BUSY;
      case H2_CONCURRENT_UPDATE -> Failure.TRANSIENT;
      default -> null;
    };
  }

  private static Failure standard(@Nullable String state) {
    if (state == null) {
      return Failure.OTHER;
    }
    return switch (state) {
      case "23505" -> Failure.DUPLICATE;
      // PostgreSQL says 23503 for both directions; H2 says 23506 when the parent is missing.
      case "23503", "23506" -> Failure.MISSING_PARENT;
      case "40001", "40P01" -> Failure.TRANSIENT;
      case "55P03", "57014" -> Failure.BUSY;
      case "57P01", "57P02", "57P03", "53300" -> Failure.UNAVAILABLE;
      case "25006", "53100" -> Failure.READ_ONLY;
      case "22021", "22P05" -> Failure.BAD_TEXT;
      default -> state.startsWith("08") ? Failure.UNAVAILABLE : Failure.OTHER;
    };
  }
}
