package io.tenantkit.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Binds parameters one after the other. Times go as UTC with microseconds, so no session's or JVM's
 * time zone matters.
 */
final class Params {
  private final PreparedStatement statement;
  private int index;

  Params(PreparedStatement statement) {
    this.statement = statement;
  }

  Params text(@Nullable String value) throws SQLException {
    statement.setString(++index, value);
    return this;
  }

  Params number(long value) throws SQLException {
    statement.setLong(++index, value);
    return this;
  }

  Params number(@Nullable Long value) throws SQLException {
    if (value != null) {
      return number(value.longValue());
    }
    statement.setNull(++index, Types.BIGINT);
    return this;
  }

  Params integer(int value) throws SQLException {
    statement.setInt(++index, value);
    return this;
  }

  Params flag(boolean value) throws SQLException {
    statement.setBoolean(++index, value);
    return this;
  }

  Params bytes(byte[] value) throws SQLException {
    statement.setBytes(++index, value);
    return this;
  }

  /**
   * @param type the elements' type in PostgreSQL's words
   */
  Params array(String type, Object[] values) throws SQLException {
    statement.setArray(++index, statement.getConnection().createArrayOf(type, values));
    return this;
  }

  Params time(Instant value) throws SQLException {
    statement.setObject(++index, value.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
    return this;
  }

  Params time(Optional<Instant> value) throws SQLException {
    if (value.isPresent()) {
      return time(value.get());
    }
    statement.setNull(++index, Types.TIMESTAMP_WITH_TIMEZONE);
    return this;
  }
}
