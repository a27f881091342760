package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The host's transaction on PostgreSQL: which connections may carry it, and what the host finds
 * afterwards.
 */
final class JoinTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static CoreStores stores;
  private static final Samples SAMPLES = new Samples();

  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private final TenantContext globex = TenantContext.trusted(GLOBEX, "test");
  private final Operator operator = Operator.trusted("ops", "test");

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    database.asDba(
        "CREATE TABLE host_rows (id text PRIMARY KEY); GRANT ALL ON host_rows TO PUBLIC");
    // The pool's own default is a transaction, and there is one connection.
    app = database.app(1);
    app.close();
    app = pool(database.roles().application(), false);
    admin = pool(database.roles().admin(), true);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    stores = storage.stores(CoreStores.class).orElseThrow();
    for (OrganizationId id : List.of(ACME, GLOBEX)) {
      stores
          .organizations()
          .insert(
              Operator.trusted("ops", "test"),
              SAMPLES.organization(id, "Name"),
              SAMPLES.event(id, "created"));
    }
  }

  private static HikariDataSource pool(String role, boolean autoCommit) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(Cluster.url(database.name()));
    pool.setUsername(role);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(1);
    pool.setConnectionTimeout(20_000);
    pool.setAutoCommit(autoCommit);
    return pool;
  }

  @AfterAll
  static void close() {
    storage.close();
    app.close();
    admin.close();
  }

  @Test
  void hostsRowAndOurRowCommitTogetherOrNotAtAll() throws Exception {
    try (Connection connection = app.getConnection()) {
      host(connection, "a");
      storage.join(acme, connection, (tx, c) -> add(tx, "key_a"));
      connection.commit();
      host(connection, "b");
      storage.join(acme, connection, (tx, c) -> add(tx, "key_b"));
      connection.rollback();
    }

    assertThat(hostRows()).contains("a").doesNotContain("b");
    assertThat(found("key_a")).isTrue();
    assertThat(found("key_b")).isFalse();
  }

  @Test
  void whenTheWorkThrowsNothingOfItRemainsAndWhatTheHostDidBeforeStays() throws Exception {
    try (Connection connection = app.getConnection()) {
      host(connection, "before");
      assertThatThrownBy(
              () ->
                  storage.join(
                      acme,
                      connection,
                      (tx, c) -> {
                        add(tx, "key_c");
                        host(c, "within");
                        throw new java.io.IOException("the host's own");
                      }))
          .isInstanceOf(java.io.IOException.class);
      host(connection, "after");
      connection.commit();
    }

    assertThat(hostRows()).contains("before", "after").doesNotContain("within");
    assertThat(found("key_c")).isFalse();
  }

  @Test
  void evenAfterTheHostsOwnStatementFailedInTheWork() throws Exception {
    try (Connection connection = app.getConnection()) {
      host(connection, "kept");
      assertThatThrownBy(
              () ->
                  storage.join(
                      acme,
                      connection,
                      (tx, c) -> {
                        add(tx, "key_d");
                        host(c, "kept");
                        return null;
                      }))
          .isInstanceOf(SQLException.class);
      connection.commit();
    }
    assertThat(hostRows()).contains("kept");
    assertThat(found("key_d")).isFalse();
  }

  @Test
  void hostsSettingIsBackAfterReturnFailureAndNesting() throws Exception {
    try (Connection connection = app.getConnection()) {
      run(connection, "SELECT set_config('app.organization_id', 'host-tenant', true)");
      storage.join(
          acme,
          connection,
          (tx, c) -> {
            assertThat(setting(c)).isEqualTo("acme");
            storage.join(
                globex,
                c,
                (inner, same) -> {
                  assertThat(setting(same)).isEqualTo("globex");
                  return add(inner, "key_e");
                });
            assertThat(setting(c)).isEqualTo("acme");
            assertThatThrownBy(
                    () ->
                        storage.join(
                            globex.joining(tx.transaction().orElseThrow()),
                            c,
                            (inner, same) -> {
                              throw new IllegalStateException();
                            }))
                .isInstanceOf(IllegalStateException.class);
            assertThat(setting(c)).isEqualTo("acme");
            return add(tx, "key_f");
          });
      assertThat(setting(connection)).isEqualTo("host-tenant");
      assertThatThrownBy(
              () ->
                  storage.join(
                      acme,
                      connection,
                      (tx, c) -> {
                        throw new IllegalStateException();
                      }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(setting(connection)).isEqualTo("host-tenant");
      connection.rollback();
      assertThat(setting(connection)).isEmpty();
    }
  }

  @Test
  void contextOfAnotherTenantLeavesTheSettingAsItWas() throws Exception {
    try (Connection connection = app.getConnection()) {
      storage.join(
          acme,
          connection,
          (tx, c) -> {
            TenantContext other = globex.joining(tx.transaction().orElseThrow());
            add(other, "key_i");
            assertThat(setting(c)).isEqualTo("acme");
            assertThat(stores.apiKeys().list(other, null, 10)).isNotEmpty();
            assertThat(setting(c)).isEqualTo("acme");
            return null;
          });
      connection.rollback();
    }
    try (Connection connection = admin.getConnection()) {
      connection.setAutoCommit(false);
      run(connection, "SELECT set_config('app.organization_id', 'host-tenant', true)");
      storage.join(
          operator,
          connection,
          (tx, c) -> {
            add(acme.joining(tx.transaction().orElseThrow()), "key_j");
            assertThat(setting(c)).isEqualTo("host-tenant");
            return null;
          });
      assertThat(setting(connection)).isEqualTo("host-tenant");
      connection.rollback();
    }
  }

  @Test
  void noSettingIsLeftForTheNextBorrower() throws Exception {
    add(acme, "key_g");
    stores.apiKeys().list(globex, null, 10);
    try (Connection connection = app.getConnection()) {
      storage.join(acme, connection, (tx, c) -> add(tx, "key_h"));
      connection.commit();
    }
    try (Connection connection = app.getConnection()) {
      assertThat(setting(connection)).isEmpty();
      assertThat(connection.getAutoCommit()).isFalse();
    }
    try (Connection connection = admin.getConnection()) {
      assertThat(connection.getAutoCommit()).isTrue();
    }
  }

  @Test
  void connectionThatCannotCarryAJoinIsRefused() throws Exception {
    Cluster.Database other = Cluster.migrated();
    try (Connection automatic = app.getConnection()) {
      automatic.setAutoCommit(true);
      refused(automatic);
    }
    Connection closed = app.getConnection();
    closed.close();
    refused(closed);
    try (Connection wrongRole = database.connect(database.roles().admin());
        Connection owner = database.connect(database.roles().owner());
        Connection superuser = database.dba();
        Connection foreign = other.connect(other.roles().application());
        Connection plain = Cluster.empty().dba()) {
      for (Connection each : List.of(wrongRole, owner, superuser, foreign, plain)) {
        each.setAutoCommit(false);
        refused(each);
      }
      // A superuser that took the role on for a while can lay it down again.
      run(superuser, "SET ROLE \"" + database.roles().application() + '"');
      refused(superuser);
    }
    try (Connection failed = app.getConnection()) {
      assertThatThrownBy(() -> run(failed, "SELECT 1 / 0")).isInstanceOf(SQLException.class);
      refused(failed);
      failed.rollback();
    }
    try (JdbcStorage h2 =
            JdbcStorage.h2(java.nio.file.Files.createTempDirectory("h2").resolve("x")).open();
        Connection foreign = h2.connection()) {
      refused(foreign);
    }
  }

  /** It has the same installation id and the same roles. */
  @Test
  void copyInTheSameClusterIsRefused() throws Exception {
    Cluster.Database original = Cluster.migrated();
    Cluster.Database copy = new Cluster.Database(original.name() + "_copy", original.roles());
    database.asDba("CREATE DATABASE " + copy.name() + " TEMPLATE " + original.name());
    try (HikariDataSource pool = original.app(1);
        HikariDataSource ofTheCopy = copy.admin(1);
        Connection connection = copy.connect(copy.roles().application())) {
      connection.setAutoCommit(false);
      JdbcStorage opened = JdbcStorage.postgresql(pool).open();
      assertThatThrownBy(() -> opened.join(acme, connection, (tx, c) -> null))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
      assertThatThrownBy(() -> JdbcStorage.postgresql(pool).admin(ofTheCopy).open())
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
    }
  }

  private void refused(Connection connection) {
    assertThatThrownBy(() -> storage.join(acme, connection, (tx, c) -> add(tx, "never")))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
  }

  @Test
  void operatorJoinsOnlyOnTheAdminsConnection() throws Exception {
    try (Connection connection = app.getConnection()) {
      assertThatThrownBy(() -> storage.join(operator, connection, (tx, c) -> null))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
    }
    OrganizationId id = OrganizationId.of("initech");
    try (Connection connection = admin.getConnection()) {
      connection.setAutoCommit(false);
      storage.join(
          operator,
          connection,
          (tx, c) -> {
            stores
                .organizations()
                .insert(tx, SAMPLES.organization(id, "x"), SAMPLES.event(id, "created"));
            TenantContext first =
                TenantContext.trusted(id, "test").joining(tx.transaction().orElseThrow());
            return add(first, "key_first");
          });
      connection.commit();
    }
    assertThat(stores.organizations().find(operator, id)).isPresent();
  }

  @Test
  void operatorWithoutAnAdminPoolIsRefused() {
    try (HikariDataSource pool = database.app(1)) {
      JdbcStorage tenantsOnly = JdbcStorage.postgresql(pool).open();
      assertThatThrownBy(
              () ->
                  tenantsOnly
                      .stores(CoreStores.class)
                      .orElseThrow()
                      .organizations()
                      .list(operator, null, 1))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_DENIED));
    }
  }

  private boolean add(TenantContext context, String id) {
    stores
        .apiKeys()
        .insert(
            context,
            SAMPLES.key(context.organization(), id),
            SAMPLES.event(context.organization(), "added"));
    return true;
  }

  private boolean found(String id) {
    return stores.apiKeys().find(acme, io.tenantkit.apikey.ApiKeyId.of(id)).isPresent();
  }

  private static void host(Connection connection, String id) throws SQLException {
    run(connection, "INSERT INTO host_rows VALUES ('" + id + "')");
  }

  private static String hostRows() throws SQLException {
    try (Connection dba = database.dba()) {
      return text(dba, "SELECT coalesce(string_agg(id, ','), '') FROM host_rows");
    }
  }

  private static String setting(Connection connection) throws SQLException {
    return text(connection, "SELECT coalesce(current_setting('app.organization_id', true), '')");
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      results.next();
      return results.getString(1);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
