package io.tenantkit.jdbc;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs a verb in one transaction: its own, or the host's that the context carries. Its own is
 * begun, committed and, when it lost to another, repeated here; in the host's it stands behind a
 * savepoint. A connection goes back as it came. One verb holds at most one connection.
 */
final class Transactions {
  private static final int ATTEMPTS = 3;

  /** For verbs on the way of every call: two seconds for an answer. */
  private static final TimeLimit IMPATIENT = new TimeLimit(Duration.ofSeconds(1));

  /** How long a verb on the way of every call waits for another that writes to the same file. */
  private static final Duration SOON = Duration.ofMillis(500);

  /** What runs on the connection; it may run again, so it keeps nothing outside of the database. */
  @FunctionalInterface
  interface Verb<T> {
    T run(Session session) throws SQLException;
  }

  private final Dialect dialect;
  private final ConnectionSource application;
  private final @Nullable ConnectionSource admin;
  private final TimeLimit limit;
  private final @Nullable WriterLock writer;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Set<Thread> tenantWork = ConcurrentHashMap.newKeySet();
  private final Set<Thread> operatorWork = ConcurrentHashMap.newKeySet();
  private volatile boolean oneFlushIsOneTransaction = true;

  Transactions(Dialect dialect, ConnectionSource application, @Nullable ConnectionSource admin) {
    this(dialect, application, admin, TimeLimit.DEFAULT, null);
  }

  /**
   * Transactions of one storage.
   *
   * @param writer what a transaction that writes must have; null where many may write at once
   */
  Transactions(
      Dialect dialect,
      ConnectionSource application,
      @Nullable ConnectionSource admin,
      TimeLimit limit,
      @Nullable WriterLock writer) {
    this.limit = limit;
    this.dialect = dialect;
    this.application = application;
    this.admin = admin;
    this.writer = writer;
  }

  Dialect dialect() {
    return dialect;
  }

  /** How long our own statements wait. */
  TimeLimit limit() {
    return limit;
  }

  void close() {
    closed.set(true);
  }

  /** Before a connection is taken for writing, so that those who wait hold none. */
  void beginWriting() {
    if (writer != null) {
      writer.take();
    }
  }

  void endWriting() {
    if (writer != null) {
      writer.give();
    }
  }

  /** Until {@link #leave}, this thread holds a connection for the host's own SQL. */
  void enter(boolean tenant) {
    (tenant ? tenantWork : operatorWork).add(Thread.currentThread());
  }

  void leave(boolean tenant) {
    (tenant ? tenantWork : operatorWork).remove(Thread.currentThread());
  }

  /**
   * A call that does not take part in the work around it would take a second connection, and with a
   * pool of one wait for the first, which is its own.
   */
  private static void requireOutside(
      Optional<HostTransaction> joined, Set<Thread> atWork, String method, String handed) {
    if (joined.isEmpty() && atWork.contains(Thread.currentThread())) {
      throw new TenantkitException(
          ErrorCode.JOIN_REFUSED,
          method
              + " is open on this thread and this call would not take part in it: use the overload"
              + " of "
              + method
              + " whose work is given "
              + handed
              + ", and call with that");
    }
  }

  private static void requireOutside(TenantContext context, Set<Thread> atWork) {
    requireOutside(context.transaction(), atWork, "inTenant", "a context");
  }

  private static void requireOutside(Operator operator, Set<Thread> atWork) {
    requireOutside(operator.transaction(), atWork, "inAdmin", "an operator");
  }

  /** A tenant's verb that changes something. */
  <T> T write(TenantContext context, Verb<T> verb) {
    requireOutside(context, tenantWork);
    return run(context.transaction(), application, context.organization(), false, verb);
  }

  /** A tenant's verb that only reads. */
  <T> T read(TenantContext context, Verb<T> verb) {
    requireOutside(context, tenantWork);
    return run(context.transaction(), application, context.organization(), true, verb);
  }

  /** An operator's verb that changes something. */
  <T> T write(Operator operator, Verb<T> verb) {
    requireOutside(operator, operatorWork);
    return run(operator.transaction(), forOperators(), null, false, verb);
  }

  /** An operator's verb that only reads. */
  <T> T read(Operator operator, Verb<T> verb) {
    requireOutside(operator, operatorWork);
    return run(operator.transaction(), forOperators(), null, true, verb);
  }

  /** A verb of no tenant that changes something. */
  <T> T write(Verb<T> verb) {
    return run(Optional.empty(), application, null, false, verb);
  }

  /**
   * A verb of no tenant that changes something on the way of every call: it waits for the writer
   * before it for half a second at the most.
   */
  <T> T writeSoon(Verb<T> verb) {
    if (writer == null) {
      return write(verb);
    }
    writer.take(SOON);
    try {
      return write(verb);
    } finally {
      writer.give();
    }
  }

  /** A verb of no tenant that only reads. */
  <T> T read(Verb<T> verb) {
    return run(Optional.empty(), application, null, true, verb);
  }

  /** Where a tenant's connections come from. */
  ConnectionSource forTenants() {
    return application;
  }

  /**
   * A verb of no tenant that is a single statement and commits by itself: one round trip. It never
   * takes part in the host's transaction, and waits for the database for a bounded time.
   */
  <T> T alone(Verb<T> verb) {
    requireOpen();
    for (int attempt = 1; ; attempt++) {
      try {
        return onceAlone(verb);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || dialect.classify(e) != Dialect.Failure.TRANSIENT) {
          throw SqlErrors.statement(dialect, e);
        }
      }
    }
  }

  private <T> T onceAlone(Verb<T> verb) throws SQLException {
    Connection connection = take(application);
    int networkTimeout = IMPATIENT.begin(connection);
    try {
      if (connection.getAutoCommit()) {
        return verb.run(Session.autoCommit(dialect, connection, null, IMPATIENT));
      }
      boolean ended = false;
      try {
        T answer = inTransaction(connection, null, false, verb);
        ended = true;
        return answer;
      } finally {
        if (!ended && !isRolledBack(connection)) {
          abort(connection);
        }
      }
    } finally {
      TimeLimit.end(connection, networkTimeout);
      give(application, connection);
    }
  }

  /** Where an operator's connections come from. */
  ConnectionSource forOperators() {
    if (admin == null) {
      throw new AccessDeniedException(
          "this storage was opened without an admin pool, so it serves no operator");
    }
    return admin;
  }

  private <T> T run(
      Optional<HostTransaction> joined,
      ConnectionSource source,
      @Nullable OrganizationId tenant,
      boolean readOnly,
      Verb<T> verb) {
    requireOpen();
    if (joined.isPresent()) {
      return ours(joined.get()).run(tenant, verb);
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return readOnly ? once(source, tenant, true, verb) : onceWriting(source, tenant, verb);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || dialect.classify(e) != Dialect.Failure.TRANSIENT) {
          throw SqlErrors.statement(dialect, e);
        }
      }
    }
  }

  private <T> T onceWriting(ConnectionSource source, @Nullable OrganizationId tenant, Verb<T> verb)
      throws SQLException {
    beginWriting();
    try {
      return once(source, tenant, false, verb);
    } finally {
      endWriting();
    }
  }

  private <T> T once(
      ConnectionSource source, @Nullable OrganizationId tenant, boolean readOnly, Verb<T> verb)
      throws SQLException {
    Connection connection = take(source);
    int networkTimeout = limit.begin(connection);
    try {
      boolean autoCommit = connection.getAutoCommit();
      // With auto-commit one flush is one transaction, so a read costs a single round trip and
      // leaves nothing behind; a driver that was told to send each statement apart costs two.
      if (autoCommit && readOnly && (tenant == null || oneFlushIsOneTransaction)) {
        try {
          return verb.run(Session.autoCommit(dialect, connection, tenant, limit));
        } catch (Session.TenantLostException e) {
          oneFlushIsOneTransaction = false;
        }
      }
      connection.setAutoCommit(false);
      boolean ended = false;
      try {
        T answer = inTransaction(connection, tenant, readOnly, verb);
        ended = true;
        return answer;
      } finally {
        // To switch auto-commit on commits what is still open, so that waits for the end.
        if (ended || isRolledBack(connection)) {
          restoreAutoCommit(connection, autoCommit);
        } else {
          abort(connection);
        }
      }
    } finally {
      TimeLimit.end(connection, networkTimeout);
      give(source, connection);
    }
  }

  private <T> T inTransaction(
      Connection connection, @Nullable OrganizationId tenant, boolean readOnly, Verb<T> verb)
      throws SQLException {
    Session session = Session.inTransaction(dialect, connection, tenant, limit);
    T answer = verb.run(session);
    if (readOnly || session.undone()) {
      connection.rollback();
    } else {
      commit(connection);
    }
    return answer;
  }

  void commit(Connection connection) throws SQLException {
    try {
      connection.commit();
    } catch (SQLException e) {
      if (dialect.classify(e) == Dialect.Failure.TRANSIENT) {
        throw e;
      }
      throw SqlErrors.committing(dialect, e);
    }
  }

  Connection take(ConnectionSource source) {
    try {
      return source.take();
    } catch (SQLException e) {
      throw SqlErrors.connecting(dialect, e);
    }
  }

  static void give(ConnectionSource source, Connection connection) {
    try {
      source.give(connection);
    } catch (SQLException e) {
      // The verb's outcome stands; the pool will find the connection broken.
      return;
    }
  }

  static void restoreAutoCommit(Connection connection, boolean autoCommit) {
    try {
      connection.setAutoCommit(autoCommit);
    } catch (SQLException e) {
      // Only a broken connection refuses this, and a pool discards those.
      return;
    }
  }

  static boolean isRolledBack(Connection connection) {
    try {
      connection.rollback();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /** The database rolls back when it sees the connection gone, and the pool makes another. */
  static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It is broken already.
      return;
    }
  }

  void requireOpen() {
    if (closed.get()) {
      throw new StorageException(ErrorCode.CLOSED, "the storage is closed");
    }
  }

  JoinedTransaction ours(HostTransaction transaction) {
    if (transaction instanceof JoinedTransaction joined && joined.owner() == this) {
      return joined;
    }
    throw new TenantkitException(
        ErrorCode.JOIN_REFUSED,
        "the context carries a transaction of another storage: "
            + transaction.getClass().getSimpleName());
  }
}
