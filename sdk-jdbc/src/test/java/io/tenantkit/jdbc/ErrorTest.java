package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the database's failures become, and that no text of a driver gets out. */
final class ErrorTest {
  private static final String CANARY = "CANARY-7f3a";
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final Samples SAMPLES = new Samples();
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @TempDir private Path folder;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(1);
    admin = database.admin(1);
    JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
    addAcme(storage);
  }

  @AfterAll
  static void close() {
    app.close();
    admin.close();
  }

  private static void addAcme(JdbcStorage storage) {
    storage
        .stores(CoreStores.class)
        .orElseThrow()
        .organizations()
        .insert(
            Operator.trusted("ops", "test"),
            SAMPLES.organization(ACME, "Name"),
            SAMPLES.event(ACME, "created"));
  }

  @Test
  void rowsAndValuesNeverReachAnExceptionOnPostgresql() {
    nothingGetsOut(JdbcStorage.postgresql(app).admin(admin).open());
  }

  @Test
  void rowsAndValuesNeverReachAnExceptionOnH2() {
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("errors")).open()) {
      addAcme(storage);
      nothingGetsOut(storage);
    }
  }

  private static void nothingGetsOut(JdbcStorage storage) {
    CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
    // Too long for its column, which no room above would let through.
    AuditEvent event = SAMPLES.event(ACME, CANARY.repeat(50));
    Throwable failed = catchThrowable(() -> stores.audit().append(CONTEXT, event));
    code(failed, ErrorCode.STORAGE_FAILED);
    clean(failed);

    Organization named =
        new Organization(
            ACME,
            CANARY,
            Organization.Status.ACTIVE,
            Samples.SETTINGS,
            Samples.NOW,
            Samples.NOW,
            1);
    Throwable duplicate =
        catchThrowable(
            () ->
                stores
                    .organizations()
                    .insert(
                        Operator.trusted("ops", "test"),
                        named,
                        SAMPLES.event(ACME, "created").with("n", CANARY)));
    code(duplicate, ErrorCode.CONFLICT);
    clean(duplicate);
    assertThat(stores.audit().list(CONTEXT, null, 100))
        .noneMatch(each -> each.details().containsValue(CANARY));
  }

  private static void clean(Throwable failed) {
    StringWriter text = new StringWriter();
    failed.printStackTrace(new PrintWriter(text));
    assertThat(text.toString())
        .doesNotContain(CANARY)
        .doesNotContain("org.postgresql.util.PSQLException: ERROR");
    for (Throwable each = failed; each != null; each = each.getCause()) {
      assertThat(each).isNotInstanceOf(SQLException.class);
      assertThat(each.getSuppressed()).isEmpty();
    }
  }

  @Test
  void killedBackendIsUnavailableAndTheNextCallWorks() throws Exception {
    CoreStores stores = storageThatRuns("SELECT pg_terminate_backend(pg_backend_pid())", 1);
    Throwable failed =
        catchThrowable(() -> stores.audit().append(CONTEXT, SAMPLES.event(ACME, "killed")));
    code(failed, ErrorCode.STORAGE_UNAVAILABLE);
    clean(failed);
    stores.audit().append(CONTEXT, SAMPLES.event(ACME, "next"));
  }

  @Test
  void readOnlyServerRefusesWrites() throws Exception {
    CoreStores stores = storageThatRuns("SET TRANSACTION READ ONLY", Integer.MAX_VALUE);
    Throwable failed =
        catchThrowable(() -> stores.audit().append(CONTEXT, SAMPLES.event(ACME, "read-only")));
    code(failed, ErrorCode.STORAGE_READ_ONLY);
  }

  @Test
  void lostRaceIsRepeatedTwiceAndThenBusy() throws Exception {
    String lose = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$";
    storageThatRuns(lose, 2).audit().append(CONTEXT, SAMPLES.event(ACME, "third"));

    CoreStores stores = storageThatRuns(lose, 3);
    Throwable failed =
        catchThrowable(() -> stores.audit().append(CONTEXT, SAMPLES.event(ACME, "lost")));
    code(failed, ErrorCode.STORAGE_BUSY);
    assertThat(((TenantkitException) failed).code().retryable()).isTrue();
  }

  @Test
  void exhaustedPoolIsUnavailable() throws Exception {
    try (HikariDataSource small = database.app(1)) {
      small.getHikariConfigMXBean().setConnectionTimeout(300);
      JdbcStorage storage = JdbcStorage.postgresql(small).open();
      try (Connection taken = small.getConnection()) {
        assertThat(taken.isClosed()).isFalse();
        Throwable failed =
            catchThrowable(
                () ->
                    storage.stores(CoreStores.class).orElseThrow().audit().list(CONTEXT, null, 1));
        code(failed, ErrorCode.STORAGE_UNAVAILABLE);
        clean(failed);
      }
    }
  }

  @Test
  void commitWhoseAnswerIsLostIsUnknown() {
    AtomicInteger commits = new AtomicInteger();
    CoreStores stores =
        storage(
            (method, connection) -> {
              if (method.equals("commit")) {
                commits.incrementAndGet();
                connection.commit();
                throw new SQLException(CANARY, "08006");
              }
            });
    AuditEvent event = SAMPLES.event(ACME, "unknown");
    Throwable failed = catchThrowable(() -> stores.audit().append(CONTEXT, event));
    code(failed, ErrorCode.COMMIT_UNKNOWN);
    clean(failed);
    assertThat(commits).hasValue(1);
    assertThat(stores.audit().list(CONTEXT, null, 1_000)).contains(event);
  }

  @Test
  void wrongPasswordOrServerThatIsDownIsTyped() {
    try (HikariDataSource down = new HikariDataSource()) {
      down.setJdbcUrl("jdbc:postgresql://localhost:1/" + CANARY);
      down.setUsername("x");
      down.setConnectionTimeout(300);
      down.setInitializationFailTimeout(-1);
      Throwable failed = catchThrowable(() -> JdbcStorage.postgresql(down).open());
      code(failed, ErrorCode.STORAGE_UNAVAILABLE);
      clean(failed);
    }
  }

  @Test
  void anotherProductIsRefused() throws Exception {
    try (JdbcStorage h2 = JdbcStorage.h2(Files.createTempDirectory("h2").resolve("x")).open()) {
      DataSource wrong = dataSource(h2::connection);
      code(
          catchThrowable(() -> JdbcStorage.postgresql(wrong).open()),
          ErrorCode.UNSUPPORTED_DATABASE);
    }
  }

  /** A storage whose first write transactions begin with this statement. */
  private static CoreStores storageThatRuns(String sql, int times) {
    AtomicInteger left = new AtomicInteger(times);
    return storage(
        (method, connection) -> {
          if (method.equals("prepareStatement")
              && !connection.getAutoCommit()
              && left.getAndDecrement() > 0) {
            try (Statement statement = connection.createStatement()) {
              statement.execute(sql);
            }
          }
        });
  }

  /** Runs before a method of a connection. */
  private interface Fault {
    void before(String method, Connection connection) throws SQLException;
  }

  private static CoreStores storage(Fault fault) {
    JdbcStorage.postgresql(app).open();
    Transactions transactions =
        new Transactions(Dialect.POSTGRESQL, () -> wrap(app.getConnection(), fault), null);
    return JdbcCoreStores.over(transactions);
  }

  private static Connection wrap(Connection connection, Fault fault) {
    return (Connection)
        Proxy.newProxyInstance(
            ErrorTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              fault.before(method.getName(), connection);
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static DataSource dataSource(Harness.Source source) {
    return (DataSource)
        Proxy.newProxyInstance(
            ErrorTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> source.open());
  }

  private static void code(Throwable failed, ErrorCode code) {
    assertThat(failed)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
