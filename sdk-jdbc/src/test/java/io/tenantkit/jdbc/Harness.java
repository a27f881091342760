package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.Storage;
import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The contracts' storage on a database, with the host's transaction as plain JDBC. */
final class Harness implements StorageHarness {
  private final JdbcStorage storage;
  private final Source tenants;
  private final Source operators;
  private final Runnable close;

  /** The host's own way to a connection. */
  @FunctionalInterface
  interface Source {
    Connection open() throws SQLException;
  }

  private Harness(JdbcStorage storage, Source tenants, Source operators, Runnable close) {
    this.storage = storage;
    this.tenants = tenants;
    this.operators = operators;
    this.close = close;
  }

  /** A new H2 file with the schema: each test has a copy, for migrating takes its time. */
  private static final class Migrated {
    static final byte[] H2 = h2();

    private static byte[] h2() {
      try {
        Path folder = Files.createTempDirectory("tenantkit-h2");
        JdbcStorage.h2(folder.resolve("control")).open().close();
        byte[] file = Files.readAllBytes(folder.resolve("control.mv.db"));
        delete(folder);
        return file;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static Harness h2() {
    try {
      Path folder = Files.createTempDirectory("tenantkit-h2");
      Files.write(folder.resolve("control.mv.db"), Migrated.H2);
      JdbcStorage storage = JdbcStorage.h2(folder.resolve("control")).open();
      return new Harness(storage, storage::connection, storage::connection, () -> delete(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    // Of a file that is gone meanwhile nothing is asked.
    File[] files = folder.toFile().listFiles();
    for (File file : files == null ? new File[0] : files) {
      file.delete();
    }
    folder.toFile().delete();
  }

  static Harness postgresql(
      Cluster.Database database, HikariDataSource app, HikariDataSource admin) {
    database.clear();
    JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
    return new Harness(storage, app::getConnection, admin::getConnection, () -> {});
  }

  @Override
  public Storage storage() {
    return storage;
  }

  @Override
  public <T> T inTransaction(TenantContext context, Function<TenantContext, T> work) {
    return inTransaction(
        tenants,
        (connection, hooks) ->
            storage.join(context, connection, hooks::add, (tx, c) -> work.apply(tx)));
  }

  @Override
  public <T> T inTransaction(Operator operator, Function<Operator, T> work) {
    return inTransaction(
        operators,
        (connection, hooks) ->
            storage.join(operator, connection, hooks::add, (tx, c) -> work.apply(tx)));
  }

  /** What the host does with its connection and its hooks. */
  private interface HostWork<T> {
    T run(Connection connection, List<Runnable> hooks);
  }

  private static <T> T inTransaction(Source source, HostWork<T> work) {
    List<Runnable> hooks = new ArrayList<>();
    T answer;
    try (Connection connection = source.open()) {
      connection.setAutoCommit(false);
      try {
        answer = work.run(connection, hooks);
        connection.commit();
      } catch (RuntimeException | Error e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    hooks.forEach(Runnable::run);
    return answer;
  }

  @Override
  public <T> T nested(TenantContext joined, Function<TenantContext, T> work) {
    HostTransaction transaction = joined.transaction().orElseThrow();
    return storage.join(
        joined, ((JoinedTransaction) transaction).connection(), (tx, c) -> work.apply(tx));
  }

  @Override
  public void close() {
    storage.close();
    close.run();
  }
}
