package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the host's own SQL in a transaction of ours. Work inside of work takes no second connection:
 * it stands behind a savepoint of the same thread's open transaction, so all of it fits a pool of
 * one. The tenant is always an argument; only the connection is found by the thread, which a joined
 * transaction is bound to anyway.
 */
final class HostTransactions {
  private static final String BEGIN_OPERATOR =
      "INSERT INTO tenantkit.operator_events (actor_id, reason) VALUES (?, ?)";
  private static final String TENANT_AND_RESET =
      """
      SELECT coalesce(current_setting('app.organization_id', true), '') AS tenant;
      SELECT set_config('app.organization_id', '', false)""";
  private static final String RESET = "SELECT set_config('app.organization_id', '', false)";

  private final Transactions transactions;
  private final Joins joins;
  private final Map<Thread, JoinedTransaction> tenants = new ConcurrentHashMap<>();
  private final Map<Thread, JoinedTransaction> operators = new ConcurrentHashMap<>();

  HostTransactions(Transactions transactions, Joins joins) {
    this.transactions = transactions;
    this.joins = joins;
  }

  <T, E extends Exception> T inTenant(TenantContext context, JoinedWork<TenantContext, T, E> work)
      throws E {
    transactions.requireOpen();
    JoinedTransaction enclosing =
        context
            .transaction()
            .map(transactions::ours)
            .orElseGet(() -> tenants.get(Thread.currentThread()));
    if (enclosing != null) {
      enclosing.requireUsable();
      return joins.join(
          context.joining(enclosing), enclosing.connection(), enclosing::afterCommit, work);
    }
    return writing(
        transactions.forTenants(), tenants, context.organization().value(), context::joining, work);
  }

  /**
   * The evidence is committed before the work begins, as a secret's is before it leaves: a read
   * that is rolled back was a read.
   */
  <T, E extends Exception> T inAdmin(Operator operator, JoinedWork<Operator, T, E> work) throws E {
    transactions.requireOpen();
    if (operator.transaction().isPresent() || operators.containsKey(Thread.currentThread())) {
      throw new TenantkitException(
          ErrorCode.JOINED_TRANSACTION_REFUSED,
          "operator's work begins with its own committed evidence, so it cannot be inside of other work");
    }
    transactions.write(
        operator,
        session ->
            session.execute(
                new Step(
                    BEGIN_OPERATOR, p -> p.text(operator.actor().id()).text(operator.reason()))));
    return writing(transactions.forOperators(), operators, null, operator::joining, work);
  }

  /** Nobody knows whether the work will write. */
  private <C, T, E extends Exception> T writing(
      ConnectionSource source,
      Map<Thread, JoinedTransaction> open,
      @Nullable String tenant,
      Function<JoinedTransaction, C> joining,
      JoinedWork<C, T, E> work)
      throws E {
    transactions.beginWriting();
    try {
      return own(source, open, tenant, joining, work);
    } finally {
      transactions.endWriting();
    }
  }

  private <C, T, E extends Exception> T own(
      ConnectionSource source,
      Map<Thread, JoinedTransaction> open,
      @Nullable String tenant,
      Function<JoinedTransaction, C> joining,
      JoinedWork<C, T, E> work)
      throws E {
    Connection connection = transactions.take(source);
    GuardedConnection guard = new GuardedConnection(connection);
    JoinedTransaction joined =
        new JoinedTransaction(
            transactions, guard.connection(), tenant == null, tenant == null ? "" : tenant);
    T answer;
    boolean done = false;
    try {
      boolean autoCommit = begin(connection, tenant);
      open.put(Thread.currentThread(), joined);
      transactions.enter(tenant != null);
      try {
        answer = work.run(joining.apply(joined), guard.connection());
        done = true;
      } finally {
        open.remove(Thread.currentThread());
        transactions.leave(tenant != null);
        joined.end();
        guard.end();
        end(connection, tenant, done, autoCommit);
      }
    } finally {
      Transactions.give(source, connection);
      // Even when the commit failed: it may be there all the same, and an eviction costs a read.
      if (done) {
        joined.actions().forEach(Runnable::run);
      }
    }
    return answer;
  }

  private boolean begin(Connection connection, @Nullable String tenant) {
    int networkTimeout = transactions.limit().begin(connection);
    try {
      boolean autoCommit = connection.getAutoCommit();
      boolean begun = false;
      try {
        connection.setAutoCommit(false);
        Joins.set(transactions.dialect(), connection, tenant);
        begun = true;
      } finally {
        if (!begun) {
          end(connection, tenant, false, autoCommit);
        }
      }
      return autoCommit;
    } catch (SQLException e) {
      throw SqlErrors.statement(transactions.dialect(), e);
    } finally {
      TimeLimit.end(connection, networkTimeout);
    }
  }

  private void commit(Connection connection, @Nullable String tenant) {
    try {
      if (isPostgresql()) {
        requireUntouched(connection, tenant);
      }
      transactions.commit(connection);
    } catch (SQLException e) {
      throw SqlErrors.statement(transactions.dialect(), e);
    }
  }

  /**
   * SQL text can do what the guard forbids: end the transaction, or set a tenant for the session.
   * The first is refused; the second is taken back here, since behind a transaction pooler there is
   * no later.
   */
  private static void requireUntouched(Connection connection, @Nullable String tenant)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TENANT_AND_RESET)) {
      statement.execute();
      try (ResultSet found = statement.getResultSet()) {
        if (tenant != null && !(found.next() && tenant.equals(found.getString("tenant")))) {
          throw JoinedTransaction.refused(
              "the work ended its transaction or changed its tenant by SQL of its own");
        }
      }
    }
  }

  private void end(
      Connection connection, @Nullable String tenant, boolean commit, boolean autoCommit) {
    int networkTimeout = transactions.limit().begin(connection);
    boolean committed = false;
    try {
      if (commit) {
        commit(connection, tenant);
        committed = true;
      }
    } finally {
      if (committed || (Transactions.isRolledBack(connection) && isReset(connection))) {
        Transactions.restoreAutoCommit(connection, autoCommit);
        TimeLimit.end(connection, networkTimeout);
      } else {
        Transactions.abort(connection);
      }
    }
  }

  /** A rollback takes our setting back, but not what the work committed by SQL of its own. */
  private boolean isReset(Connection connection) {
    if (!isPostgresql()) {
      return true;
    }
    try (PreparedStatement statement = connection.prepareStatement(RESET)) {
      statement.execute();
      connection.commit();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private boolean isPostgresql() {
    return transactions.dialect() == Dialect.POSTGRESQL;
  }
}
