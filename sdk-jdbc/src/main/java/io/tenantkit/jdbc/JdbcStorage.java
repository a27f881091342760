package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.VaultStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A control plane's rows in a database: an H2 file that this storage owns, or PostgreSQL on the
 * host's own pools.
 *
 * <pre>{@code
 * JdbcStorage h2 = JdbcStorage.h2(Path.of("data/tenantkit")).open();
 * JdbcStorage pg = JdbcStorage.postgresql(appPool).admin(adminPool).open();
 * }</pre>
 *
 * <p>Every statement names the organization; on PostgreSQL row level security stands behind it, and
 * a role, grant, table or policy that would make it void is refused at the start. One call holds at
 * most one connection, so a pool of one is enough. Safe for use by several threads; every call of a
 * store blocks on the database. Errors are {@link io.tenantkit.StorageException}s whose text and
 * causes never hold a row's values.
 */
public final class JdbcStorage implements Storage {
  private final Transactions transactions;
  private final Joins joins;
  private final HostTransactions hostTransactions;
  private final JdbcCoreStores core;
  private final JdbcVaultStores vault;
  private final List<ReadinessIssue> readiness;
  private final @Nullable H2Database h2;

  private JdbcStorage(
      Transactions transactions,
      Joins joins,
      List<ReadinessIssue> readiness,
      @Nullable H2Database h2) {
    this.transactions = transactions;
    this.joins = joins;
    this.hostTransactions = new HostTransactions(transactions, joins);
    this.core = JdbcCoreStores.over(transactions);
    this.vault = JdbcVaultStores.over(transactions);
    this.readiness = List.copyOf(readiness);
    this.h2 = h2;
  }

  /**
   * An H2 file, which is made when it is missing. The file belongs to this storage while it is
   * open; H2's driver, 2.2 or later, is the host's dependency.
   *
   * @param file without the ending {@code .mv.db}, which H2 adds
   */
  public static H2Builder h2(Path file) {
    return new H2Builder(file);
  }

  /**
   * PostgreSQL 14 or later.
   *
   * @param application the host's pool, logged in as the application role; never closed here
   */
  public static PostgresqlBuilder postgresql(DataSource application) {
    return new PostgresqlBuilder(application);
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    if (family == CoreStores.class) {
      return Optional.of(family.cast(core));
    }
    return family == VaultStores.class ? Optional.of(family.cast(vault)) : Optional.empty();
  }

  Dialect dialect() {
    return transactions.dialect();
  }

  /**
   * Runs work inside the host's own transaction: what the joined context does is there when the
   * host commits, and not when it rolls back. When the work throws, nothing of it remains, the
   * host's own statements of the work included, and what the host did before stays. The tenant's
   * setting is in place during the work, and the host's previous one afterwards. Joins nest.
   *
   * <p>Nobody tells this storage of the host's commit, so caches follow within the revocation
   * bound; {@link #join(TenantContext, Connection, Consumer, JoinedWork)} makes them follow at
   * once.
   *
   * @param connection with auto-commit off, of this very database, logged in as the application
   *     role
   * @throws TenantkitException with {@link ErrorCode#JOIN_REFUSED} when the connection cannot carry
   *     it
   * @throws E what the work throws
   */
  public <T, E extends Exception> T join(
      TenantContext context, Connection connection, JoinedWork<TenantContext, T, E> work) throws E {
    return join(context, connection, action -> {}, work);
  }

  /**
   * As {@link #join(TenantContext, Connection, JoinedWork)}, with a way to run code after the
   * host's commit.
   *
   * @param afterCommit gets actions that the host runs once its transaction has committed, and
   *     drops when it rolled back, for example through Spring's {@code
   *     TransactionSynchronization.afterCommit}
   */
  public <T, E extends Exception> T join(
      TenantContext context,
      Connection connection,
      Consumer<Runnable> afterCommit,
      JoinedWork<TenantContext, T, E> work)
      throws E {
    return joins.join(context, connection, afterCommit, work);
  }

  /**
   * As {@link #join(TenantContext, Connection, JoinedWork)}, for the operator, on a connection of
   * the admin role.
   */
  public <T, E extends Exception> T join(
      Operator operator, Connection connection, JoinedWork<Operator, T, E> work) throws E {
    return join(operator, connection, action -> {}, work);
  }

  /** As {@link #join(TenantContext, Connection, Consumer, JoinedWork)}, for the operator. */
  public <T, E extends Exception> T join(
      Operator operator,
      Connection connection,
      Consumer<Runnable> afterCommit,
      JoinedWork<Operator, T, E> work)
      throws E {
    return joins.join(operator, connection, afterCommit, work);
  }

  /**
   * Runs the host's own SQL for a tenant, in a transaction on the application's pool: committed
   * when the work returns, rolled back when it throws, and never repeated. On PostgreSQL the tenant
   * is set for just this transaction and row level security holds the host's tables to it as it
   * does ours. H2 has neither, so there the SQL must name the organization itself.
   *
   * <p>Inside of other such work of the same thread, whichever tenant's, no second connection is
   * taken: the inner work stands behind a savepoint, and the outer tenant is back when it has ended
   * in whatever way. Statement and network timeouts during the work are the pool's own.
   *
   * @throws TenantkitException with {@link ErrorCode#COMMIT_UNKNOWN} when the connection broke
   *     while committing, {@link ErrorCode#JOIN_REFUSED} when the work ended its transaction or
   *     changed its tenant by SQL of its own
   * @throws E what the work throws
   */
  public <T, E extends Exception> T inTenant(TenantContext context, ConnectionWork<T, E> work)
      throws E {
    return hostTransactions.inTenant(context, (tx, connection) -> work.run(connection));
  }

  /**
   * As {@link #inTenant(TenantContext, ConnectionWork)}, with a context by which this library's
   * calls take part in the transaction; caches follow right after the commit.
   */
  public <T, E extends Exception> T inTenant(
      TenantContext context, JoinedWork<TenantContext, T, E> work) throws E {
    return hostTransactions.inTenant(context, work);
  }

  /**
   * Runs the host's own SQL across tenants, in a transaction on the admin role's pool. Who and why
   * is a row of {@code tenantkit.operator_events}, committed before the work begins; without the
   * row there is no work.
   *
   * @throws io.tenantkit.AccessDeniedException without an admin pool
   * @throws TenantkitException with {@link ErrorCode#JOINED_TRANSACTION_REFUSED} inside of other
   *     operator's work, otherwise as {@link #inTenant(TenantContext, ConnectionWork)}
   * @throws E what the work throws
   */
  public <T, E extends Exception> T inAdmin(Operator operator, ConnectionWork<T, E> work) throws E {
    return hostTransactions.inAdmin(operator, (tx, connection) -> work.run(connection));
  }

  /**
   * As {@link #inAdmin(Operator, ConnectionWork)}, with an operator whose calls take part in the
   * transaction.
   */
  public <T, E extends Exception> T inAdmin(Operator operator, JoinedWork<Operator, T, E> work)
      throws E {
    return hostTransactions.inAdmin(operator, work);
  }

  /**
   * A new connection to the H2 file, with auto-commit off, for the host's own tables and for {@link
   * #join(TenantContext, Connection, JoinedWork)}. The caller closes it. From a join to the end of
   * that transaction nobody else writes to the file; other writers wait ten seconds, then fail with
   * {@link ErrorCode#STORAGE_BUSY}.
   *
   * @throws TenantkitException with {@link ErrorCode#UNSUPPORTED_DATABASE} on PostgreSQL, where the
   *     host has its own pools
   */
  public Connection connection() {
    transactions.requireOpen();
    if (h2 == null) {
      throw new TenantkitException(
          ErrorCode.UNSUPPORTED_DATABASE, "connections come from the host's own pool");
    }
    return h2.connection();
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return readiness;
  }

  @Override
  public Optional<Path> location() {
    return Optional.ofNullable(h2).map(H2Database::folder);
  }

  @Override
  public void close() {
    transactions.close();
    if (h2 != null) {
      h2.close();
    }
  }

  /** Opens an H2 file. */
  public static final class H2Builder {
    private final Path file;

    private H2Builder(Path file) {
      this.file = Objects.requireNonNull(file, "file");
    }

    /**
     * Opens the file, makes or migrates its schema, and checks that a commit is on disk before it
     * is acknowledged.
     *
     * @throws TenantkitException with {@link ErrorCode#STORAGE_IN_USE} when another process has it
     *     open, {@link ErrorCode#UNSUPPORTED_DATABASE} when the driver is missing or the file is of
     *     another H2, {@link ErrorCode#DURABILITY_UNSAFE} when commits would be lost, {@link
     *     ErrorCode#SCHEMA_TOO_NEW} when a newer library wrote it
     */
    public JdbcStorage open() {
      H2Database database = H2Database.open(file);
      boolean opened = false;
      try {
        Transactions transactions =
            new Transactions(
                Dialect.H2, database.pool(), database.pool(), TimeLimit.DEFAULT, database.writer());
        Schema.Installation installation = Schema.check(Dialect.H2, database.pool());
        JdbcStorage storage =
            new JdbcStorage(
                transactions,
                new Joins(transactions, installation),
                H2Database.READINESS,
                database);
        opened = true;
        return storage;
      } finally {
        if (!opened) {
          database.close();
        }
      }
    }
  }

  /** Opens PostgreSQL. */
  public static final class PostgresqlBuilder {
    private final DataSource application;
    private @Nullable DataSource admin;
    private @Nullable DataSource owner;
    private TimeLimit limit = TimeLimit.DEFAULT;

    private PostgresqlBuilder(DataSource application) {
      this.application = Objects.requireNonNull(application, "application");
    }

    /**
     * The pool for operators, logged in as the admin role. Without it every operator's call is
     * refused.
     */
    public PostgresqlBuilder admin(DataSource pool) {
      this.admin = Objects.requireNonNull(pool, "admin");
      return this;
    }

    /** Migrates the schema first, as the owner role. Without it the schema is only checked. */
    public PostgresqlBuilder migrate(DataSource ownerPool) {
      this.owner = Objects.requireNonNull(ownerPool, "owner");
      return this;
    }

    /**
     * How long one of this library's statements may take, 100 milliseconds to 1 hour, 10 seconds
     * unless set. What a tenant does, the server itself ends then; everything else, and whatever a
     * server that has fallen silent owes, ends after this and at most five seconds more. The time
     * to get a connection is the pool's own bound.
     */
    public PostgresqlBuilder statementTimeout(Duration wanted) {
      this.limit = new TimeLimit(wanted);
      return this;
    }

    /**
     * Checks the server, the schema, the roles and row level security, and opens the storage.
     *
     * @throws DatabaseUnsafeException when something makes row level security void; it names the
     *     SQL that mends it
     * @throws TenantkitException with {@link ErrorCode#UNSUPPORTED_DATABASE}, {@link
     *     ErrorCode#SCHEMA_OUTDATED} or {@link ErrorCode#SCHEMA_TOO_NEW}
     */
    public JdbcStorage open() {
      if (owner != null) {
        SchemaMigrator.postgresql(owner).migrate();
      }
      ConnectionSource appSource = source(application, "application");
      ConnectionSource adminSource = admin == null ? null : source(admin, "admin");
      Schema.Installation installation = Schema.check(Dialect.POSTGRESQL, appSource);
      if (adminSource != null
          && !installation.isSameDatabase(Schema.check(Dialect.POSTGRESQL, adminSource))) {
        throw new InvalidInputException(
            "admin", "a pool of the same database as the application's");
      }
      List<ReadinessIssue> readiness = SelfCheck.run(installation, appSource, adminSource);
      Transactions transactions =
          new Transactions(Dialect.POSTGRESQL, appSource, adminSource, limit, null);
      return new JdbcStorage(transactions, new Joins(transactions, installation), readiness, null);
    }

    private static ConnectionSource source(DataSource pool, String name) {
      return () -> {
        Connection connection = pool.getConnection();
        if (connection == null) {
          throw new SQLException(name + " pool gave no connection", "08001");
        }
        return connection;
      };
    }
  }
}
