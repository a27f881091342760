package io.tenantkit.jdbc;

import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Joins the host's transactions: checks the connection, sets a savepoint and the tenant, and puts
 * back what it found.
 */
final class Joins {
  private static final String IDENTITY_H2 = "SELECT id FROM tenantkit.installation";
  private static final String IDENTITY_POSTGRESQL =
      """
      SELECT i.id, current_user AS working_as, session_user AS logged_in_as,
             current_database() AS database_name, current_setting('app.organization_id', true) AS tenant
        FROM tenantkit.installation i""";
  private static final String SET_TENANT = "SELECT set_config('app.organization_id', ?, true)";

  private final Transactions transactions;
  private final Schema.Installation installation;

  Joins(Transactions transactions, Schema.Installation installation) {
    this.transactions = transactions;
    this.installation = installation;
  }

  <T, E extends Exception> T join(
      TenantContext context,
      Connection connection,
      Consumer<Runnable> afterCommit,
      JoinedWork<TenantContext, T, E> work)
      throws E {
    return join(
        context.transaction(),
        connection,
        afterCommit,
        context.organization().value(),
        context::joining,
        work);
  }

  <T, E extends Exception> T join(
      Operator operator,
      Connection connection,
      Consumer<Runnable> afterCommit,
      JoinedWork<Operator, T, E> work)
      throws E {
    return join(operator.transaction(), connection, afterCommit, null, operator::joining, work);
  }

  private <C, T, E extends Exception> T join(
      Optional<HostTransaction> outer,
      Connection connection,
      Consumer<Runnable> afterCommit,
      @Nullable String tenant,
      Function<HostTransaction, C> joining,
      JoinedWork<C, T, E> work)
      throws E {
    transactions.requireOpen();
    JoinedTransaction enclosing = outer.map(transactions::ours).orElse(null);
    if (enclosing != null) {
      enclosing.requireUsable();
      if (enclosing.connection() != connection) {
        throw JoinedTransaction.refused(
            "a nested join must be on the connection of the enclosing one");
      }
    }
    String previousTenant = examine(connection, tenant == null);
    transactions.beginWriting();
    try {
      untilItEnds(connection);
      return joined(enclosing, connection, afterCommit, tenant, previousTenant, joining, work);
    } finally {
      transactions.endWriting();
    }
  }

  /** A connection that we gave out stays the writer until the host commits; others while joined. */
  private void untilItEnds(Connection connection) {
    try {
      if (transactions.dialect() == Dialect.H2
          && connection.isWrapperFor(H2HostConnection.Writing.class)) {
        connection.unwrap(H2HostConnection.Writing.class).becomeWriter();
      }
    } catch (SQLException e) {
      throw SqlErrors.statement(Dialect.H2, e);
    }
  }

  private <C, T, E extends Exception> T joined(
      @Nullable JoinedTransaction enclosing,
      Connection connection,
      Consumer<Runnable> afterCommit,
      @Nullable String tenant,
      String previousTenant,
      Function<HostTransaction, C> joining,
      JoinedWork<C, T, E> work)
      throws E {
    JoinedTransaction joined =
        new JoinedTransaction(
            transactions, connection, tenant == null, tenant == null ? previousTenant : tenant);
    Savepoint savepoint = begin(connection, tenant);
    boolean done = false;
    T answer;
    try {
      answer = work.run(joining.apply(joined), connection);
      done = true;
    } finally {
      joined.end();
      try {
        end(joined, savepoint, done, tenant == null ? null : previousTenant);
      } finally {
        // Even when the end failed: the host may commit all the same, and to evict once too often
        // costs a read.
        if (done) {
          joined.actions().forEach(enclosing == null ? afterCommit : enclosing::afterCommit);
        }
      }
    }
    return answer;
  }

  /**
   * Refuses a connection that cannot carry the join; answers the tenant that the host has set on
   * it.
   */
  private String examine(Connection connection, boolean forOperator) {
    try {
      if (connection.isClosed()) {
        throw JoinedTransaction.refused("the connection is closed");
      }
      if (connection.getAutoCommit()) {
        throw JoinedTransaction.refused("auto-commit is on, so there is no transaction to join");
      }
      String product = connection.getMetaData().getDatabaseProductName();
      if (!transactions.dialect().product().equals(product)) {
        throw JoinedTransaction.refused("the connection is not of this storage's database");
      }
      return identify(connection, forOperator);
    } catch (SQLException e) {
      if (transactions.dialect().classify(e) != Dialect.Failure.OTHER) {
        throw SqlErrors.statement(transactions.dialect(), e);
      }
      // No such table, no right to read it, or a transaction that has failed already.
      throw new io.tenantkit.TenantkitException(
          io.tenantkit.ErrorCode.JOIN_REFUSED,
          "the connection is not of this storage's database and role, or its transaction has failed already",
          DriverError.of(e));
    }
  }

  private String identify(Connection connection, boolean forOperator) throws SQLException {
    boolean postgresql = transactions.dialect() == Dialect.POSTGRESQL;
    try (PreparedStatement statement =
            connection.prepareStatement(postgresql ? IDENTITY_POSTGRESQL : IDENTITY_H2);
        ResultSet found = statement.executeQuery()) {
      if (!found.next() || !installation.id().equals(found.getString("id"))) {
        throw JoinedTransaction.refused("the connection is not of this storage's database");
      }
      if (!postgresql) {
        return "";
      }
      // A copy made from this database as a template has the same id.
      if (!installation.database().equals(found.getString("database_name"))) {
        throw JoinedTransaction.refused("the connection is not of this storage's database");
      }
      String role = forOperator ? installation.adminRole() : installation.applicationRole();
      if (!role.equals(found.getString("working_as"))
          || !role.equals(found.getString("logged_in_as"))) {
        throw JoinedTransaction.refused(
            "the connection's role is not the "
                + (forOperator ? "admin" : "application")
                + " role "
                + role);
      }
      String tenant = found.getString("tenant");
      return tenant == null ? "" : tenant;
    }
  }

  private Savepoint begin(Connection connection, @Nullable String tenant) {
    try {
      Savepoint savepoint = connection.setSavepoint();
      set(transactions.dialect(), connection, tenant);
      return savepoint;
    } catch (SQLException e) {
      throw SqlErrors.statement(transactions.dialect(), e);
    }
  }

  private void end(
      JoinedTransaction joined,
      Savepoint savepoint,
      boolean done,
      @Nullable String previousTenant) {
    try {
      // Rolling back to the savepoint also puts the setting back; after success we do it.
      joined.finish(savepoint, done);
      if (done) {
        set(transactions.dialect(), joined.connection(), previousTenant);
      }
    } catch (SQLException e) {
      if (done) {
        throw SqlErrors.statement(transactions.dialect(), e);
      }
      // The work's own exception tells more, and a transaction that cannot roll back cannot commit
      // either.
      return;
    }
  }

  static void set(Dialect dialect, Connection connection, @Nullable String tenant)
      throws SQLException {
    if (tenant == null || dialect != Dialect.POSTGRESQL) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(SET_TENANT)) {
      statement.setString(1, tenant);
      statement.execute();
    }
  }
}
