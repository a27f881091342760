package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a failure is called, without a database. */
final class SqlErrorsTest {
  @ParameterizedTest
  @CsvSource({
    "H2, 23505, 23505, STORAGE_FAILED",
    "H2, 22001, 22001, STORAGE_FAILED",
    "H2, 40001, 40001, STORAGE_BUSY",
    "H2, HY000, 50000, COMMIT_UNKNOWN",
    "H2, 90028, 90028, COMMIT_UNKNOWN",
    "H2, 90031, 90031, COMMIT_UNKNOWN",
    "H2, 90098, 90098, COMMIT_UNKNOWN",
    "POSTGRESQL, 23505, 0, STORAGE_FAILED",
    "POSTGRESQL, 40001, 0, STORAGE_BUSY",
    "POSTGRESQL, P0001, 0, STORAGE_FAILED",
    "POSTGRESQL, 08006, 0, COMMIT_UNKNOWN",
    "POSTGRESQL, 57P01, 0, COMMIT_UNKNOWN",
    "POSTGRESQL, , 0, COMMIT_UNKNOWN",
  })
  void onlyAnAnswerOfTheDatabaseSaysThatACommitFailed(
      Dialect dialect, String state, int code, ErrorCode expected) {
    assertThat(SqlErrors.committing(dialect, new SQLException("x", state, code)).code())
        .isEqualTo(expected);
  }

  /** The migrations are another package, and call a failure by the same name. */
  @Test
  void migrationsCallAFailureWhatTheStorageCallsIt() {
    for (SQLException e : failures()) {
      SchemaMigrator down =
          SchemaMigrator.h2(
              () -> {
                throw e;
              },
              Connection::close);
      assertThat(code(down)).as(e.toString()).isEqualTo(SqlErrors.connecting(Dialect.H2, e).code());
      SchemaMigrator failing = SchemaMigrator.h2(() -> failing(e), Connection::close);
      assertThat(code(failing))
          .as(e.toString())
          .isEqualTo(SqlErrors.statement(Dialect.H2, e).code());
    }
  }

  private static List<SQLException> failures() {
    return List.of(
        new SQLException("x", "08006"),
        new SQLException("x", "28P01"),
        new SQLException("x", "3D000"),
        new SQLException("x", "40001"),
        new SQLException("x", "40P01"),
        new SQLException("x", "55P03"),
        new SQLException("x", "57014"),
        new SQLException("x", "57P01"),
        new SQLException("x", "57P02"),
        new SQLException("x", "57P03"),
        new SQLException("x", "53300"),
        new SQLException("x", "53100"),
        new SQLException("x", "25006"),
        new SQLException("x", "42501"),
        new SQLException("x"),
        new SQLTransientConnectionException("x"),
        new SQLException("x", "HYT00", 50200),
        new SQLException("x", "90131", 90131),
        new SQLException("x", "90020", 90020),
        new SQLException("x", "90097", 90097),
        new SQLException("x", "90098", 90098),
        new SQLException("x", "90121", 90121));
  }

  private static ErrorCode code(SchemaMigrator migrator) {
    return catchThrowableOfType(TenantkitException.class, migrator::migrate).code();
  }

  /** Every method fails but these that only look or give back. */
  private static Connection failing(SQLException e) {
    return (Connection)
        Proxy.newProxyInstance(
            SqlErrorsTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getAutoCommit" -> true;
                  case "setAutoCommit", "close", "abort" -> null;
                  case "rollback" -> throw new SQLException("the rollback", "08003");
                  default -> throw e;
                });
  }
}
