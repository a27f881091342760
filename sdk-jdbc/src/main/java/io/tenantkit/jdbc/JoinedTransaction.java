package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.OrganizationId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host's transaction while it is joined. It belongs to the thread that joined it and ends with
 * the join, not with the host's commit. A verb that fails is undone alone, so the host may catch
 * its error and go on.
 */
final class JoinedTransaction implements HostTransaction {
  private final Transactions owner;
  private final Connection connection;
  private final boolean forOperators;
  private final String setting;
  private final Thread thread = Thread.currentThread();
  private final List<Runnable> afterCommit = new ArrayList<>();
  private boolean open = true;

  /**
   * @param setting the tenant's setting during the work: the joined tenant, or what the host had
   *     set when an operator joined
   */
  JoinedTransaction(
      Transactions owner, Connection connection, boolean forOperators, String setting) {
    this.owner = owner;
    this.connection = connection;
    this.forOperators = forOperators;
    this.setting = setting;
  }

  Transactions owner() {
    return owner;
  }

  Connection connection() {
    return connection;
  }

  void end() {
    open = false;
  }

  List<Runnable> actions() {
    return afterCommit;
  }

  @Override
  public void afterCommit(Runnable action) {
    requireUsable();
    afterCommit.add(action);
  }

  <T> T run(@Nullable OrganizationId tenant, Transactions.Verb<T> verb) {
    requireUsable();
    // The other way round is allowed: a new organization and its first key may be one transaction.
    if (tenant == null && !forOperators) {
      throw refused("an operator's call needs a transaction that was joined for an operator");
    }
    try {
      Savepoint savepoint = connection.setSavepoint();
      Session session = Session.joined(owner.dialect(), connection, tenant);
      boolean done = false;
      try {
        T answer = verb.run(session);
        done = !session.undone();
        return answer;
      } finally {
        finish(savepoint, done);
        // A context of another tenant may take part; the host's next statement is not that
        // tenant's.
        // What was undone took its setting with it.
        if (done && tenant != null && !tenant.value().equals(setting)) {
          Joins.set(owner.dialect(), connection, setting);
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.statement(owner.dialect(), e);
    }
  }

  /** Keeps or undoes what happened since the savepoint. */
  void finish(Savepoint savepoint, boolean keep) throws SQLException {
    if (!keep) {
      connection.rollback(savepoint);
    }
    connection.releaseSavepoint(savepoint);
  }

  void requireUsable() {
    if (!open) {
      throw refused("the joined transaction has ended");
    }
    if (Thread.currentThread() != thread) {
      throw refused("the joined transaction belongs to another thread");
    }
  }

  static TenantkitException refused(String why) {
    return new TenantkitException(ErrorCode.JOIN_REFUSED, why);
  }
}
