package io.tenantkit.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The row a result set stands on. */
final class Row {
  private final ResultSet results;

  /** Makes a value of a row. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Row row) throws SQLException;
  }

  Row(ResultSet results) {
    this.results = results;
  }

  String text(String column) throws SQLException {
    return results.getString(column);
  }

  @Nullable String textOrNull(String column) throws SQLException {
    return results.getString(column);
  }

  long number(String column) throws SQLException {
    return results.getLong(column);
  }

  int integer(String column) throws SQLException {
    return results.getInt(column);
  }

  boolean flag(String column) throws SQLException {
    return results.getBoolean(column);
  }

  byte[] bytes(String column) throws SQLException {
    return results.getBytes(column);
  }

  byte @Nullable [] bytesOrNull(String column) throws SQLException {
    return results.getBytes(column);
  }

  Instant time(String column) throws SQLException {
    return results.getObject(column, OffsetDateTime.class).toInstant();
  }

  Optional<Instant> optionalTime(String column) throws SQLException {
    return Optional.ofNullable(results.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
