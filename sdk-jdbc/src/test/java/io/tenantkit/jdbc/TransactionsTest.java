package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a transaction ends on a connection that fails. */
final class TransactionsTest {
  private final List<String> calls = new ArrayList<>();

  @Test
  void whatCouldNotBeRolledBackIsNotCommittedByAutoCommit() {
    Transactions transactions = new Transactions(Dialect.H2, () -> connection(true), null);

    code(() -> transactions.write(TransactionsTest::fail), ErrorCode.STORAGE_FAILED);

    assertThat(calls).containsExactly("setAutoCommit false", "rollback", "abort", "close");
  }

  @Test
  void whatWasRolledBackGoesBackAsItCame() {
    Transactions transactions = new Transactions(Dialect.H2, () -> connection(false), null);

    code(() -> transactions.write(TransactionsTest::fail), ErrorCode.STORAGE_FAILED);

    assertThat(calls)
        .containsExactly("setAutoCommit false", "rollback", "setAutoCommit true", "close");
  }

  @Test
  void sameOfTheMigrationsWhoseOwnFailureIsTheOneThatIsTold() {
    SchemaMigrator migrator = SchemaMigrator.h2(() -> connection(true), Connection::close);

    code(migrator::migrate, ErrorCode.STORAGE_READ_ONLY);

    assertThat(calls).containsExactly("setAutoCommit false", "rollback", "abort", "close");
  }

  private static Object fail(Session session) throws SQLException {
    throw new SQLException("the verb", "XX000");
  }

  private static void code(Runnable call, ErrorCode code) {
    assertThat(catchThrowableOfType(TenantkitException.class, call::run).code()).isEqualTo(code);
  }

  private Connection connection(boolean rollbackFails) {
    return (Connection)
        Proxy.newProxyInstance(
            TransactionsTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              String name = method.getName();
              if (name.equals("getAutoCommit")) {
                return true;
              }
              if (!List.of("setAutoCommit", "rollback", "abort", "close").contains(name)) {
                throw new SQLException(name, "25006");
              }
              calls.add(name.equals("setAutoCommit") ? name + ' ' + arguments[0] : name);
              if (rollbackFails && name.equals("rollback")) {
                throw new SQLException("the rollback", "08003");
              }
              return null;
            });
  }
}
