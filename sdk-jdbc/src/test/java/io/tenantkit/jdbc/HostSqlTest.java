package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host's own SQL in a transaction of ours, on pools of one connection. */
final class HostSqlTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final Samples SAMPLES = new Samples();

  private static Cluster.Database database;
  private static HikariDataSource appPool;
  private static HikariDataSource adminPool;
  private static GivenBack app;
  private static GivenBack admin;
  private static JdbcStorage storage;

  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private final TenantContext globex = TenantContext.trusted(GLOBEX, "test");
  private final Operator operator = Operator.trusted("ada", "ticket 42");

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    HostTables.create(database);
    appPool = database.app(1);
    adminPool = database.admin(1);
    app = new GivenBack(appPool, true);
    admin = new GivenBack(adminPool, true);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    for (OrganizationId id : List.of(ACME, GLOBEX)) {
      stores()
          .organizations()
          .insert(
              Operator.trusted("ops", "test"),
              SAMPLES.organization(id, "Name"),
              SAMPLES.event(id, "created"));
    }
  }

  @AfterAll
  static void close() {
    appPool.close();
    adminPool.close();
  }

  @AfterEach
  void connectionsCameBackClean() {
    assertThat(app.unclean()).isEmpty();
    assertThat(admin.unclean()).isEmpty();
  }

  @Test
  void commitsAtTheEndAndSeesItsOwnTenantOnly() throws Exception {
    storage.inTenant(acme, c -> note(c, "acme", "ours"));
    storage.inTenant(globex, c -> note(c, "globex", "theirs"));

    assertThat(storage.inTenant(acme, HostSqlTest::notes))
        .contains("ours")
        .doesNotContain("theirs");
    assertThat(storage.inTenant(globex, HostSqlTest::notes)).contains("theirs");
    assertThatThrownBy(() -> storage.inTenant(acme, c -> note(c, "globex", "forged")))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void exceptionRollsBackAndReachesTheCallerAsItIs() throws Exception {
    assertThatThrownBy(
            () ->
                storage.inTenant(
                    acme,
                    c -> {
                      note(c, "acme", "never");
                      throw new java.io.IOException("the host's own");
                    }))
        .isInstanceOf(java.io.IOException.class)
        .hasMessage("the host's own");
    assertThat(storage.inTenant(acme, HostSqlTest::notes)).doesNotContain("never");
  }

  @Test
  void nestsOnOneConnectionAndTheOuterTenantIsBackAlsoAfterAnException() throws Exception {
    storage.inTenant(
        acme,
        c -> {
          note(c, "acme", "outer");
          storage.inTenant(globex, inner -> note(inner, "globex", "inner"));
          assertThat(tenant(c)).isEqualTo("acme");
          storage.inTenant(acme, inner -> note(inner, "acme", "same"));
          assertThatThrownBy(
                  () ->
                      storage.inTenant(
                          globex,
                          inner -> {
                            note(inner, "globex", "undone");
                            assertThat(tenant(inner)).isEqualTo("globex");
                            throw new IllegalStateException();
                          }))
              .isInstanceOf(IllegalStateException.class);
          assertThat(tenant(c)).isEqualTo("acme");
          assertThatThrownBy(() -> storage.inTenant(globex, inner -> note(inner, "acme", "forged")))
              .isInstanceOf(SQLException.class);
          assertThat(tenant(c)).isEqualTo("acme");
          storage.join(globex, c, (tx, same) -> note(same, "globex", "joined"));
          return note(c, "acme", "last");
        });

    assertThat(storage.inTenant(acme, HostSqlTest::notes)).contains("outer", "same", "last");
    assertThat(storage.inTenant(globex, HostSqlTest::notes))
        .contains("inner", "joined")
        .doesNotContain("undone");
  }

  @Test
  void innerWorkGoesWithTheOuter() throws Exception {
    assertThatThrownBy(
            () ->
                storage.inTenant(
                    acme,
                    c -> {
                      storage.inTenant(globex, inner -> note(inner, "globex", "gone"));
                      throw new IllegalStateException();
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(storage.inTenant(globex, HostSqlTest::notes)).doesNotContain("gone");
  }

  @Test
  void librarysCallsTakePartAndTheirEvictionsFollowTheCommit() throws Exception {
    List<String> order = new ArrayList<>();
    storage.inTenant(
        acme,
        (tx, c) -> {
          add(tx, "key_together");
          tx.transaction().orElseThrow().afterCommit(() -> order.add("evicted"));
          storage.inTenant(
              tx,
              (inner, same) -> {
                inner.transaction().orElseThrow().afterCommit(() -> order.add("evicted inner"));
                return true;
              });
          order.add("worked");
          return note(c, "acme", "together");
        });
    assertThat(order).containsExactly("worked", "evicted", "evicted inner");
    assertThat(found("key_together")).isTrue();

    assertThatThrownBy(
            () ->
                storage.inTenant(
                    acme,
                    (tx, c) -> {
                      add(tx, "key_gone");
                      tx.transaction().orElseThrow().afterCommit(() -> order.add("never"));
                      throw new IllegalStateException();
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(order).doesNotContain("never");
    assertThat(found("key_gone")).isFalse();
  }

  @Test
  void workCannotEndOrReconfigureItsConnection() throws Exception {
    storage.inTenant(
        acme,
        c -> {
          refused(c::commit);
          refused(c::rollback);
          refused(c::close);
          refused(() -> c.setAutoCommit(true));
          refused(() -> c.setReadOnly(true));
          refused(() -> c.setSchema("tenantkit"));
          refused(() -> c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
          refused(() -> c.abort(Runnable::run));
          refused(() -> c.unwrap(org.postgresql.PGConnection.class));
          c.setAutoCommit(false);
          try (PreparedStatement statement = c.prepareStatement("SELECT 1");
              ResultSet results = statement.executeQuery()) {
            assertThat(statement.getConnection()).isSameAs(c);
            assertThat(results.getStatement().getConnection()).isSameAs(c);
            assertThat(c.getMetaData().getConnection()).isSameAs(c);
            refused(() -> statement.unwrap(org.postgresql.PGStatement.class));
          }
          assertThat(c.getAutoCommit()).isFalse();
          return note(c, "acme", "kept");
        });
    assertThat(storage.inTenant(acme, HostSqlTest::notes)).contains("kept");
  }

  @Test
  void nothingOfItWorksAfterTheEnd() throws Exception {
    List<Object> kept = new ArrayList<>();
    storage.inTenant(
        acme,
        (tx, c) -> {
          kept.add(c);
          kept.add(c.createStatement());
          kept.add(tx);
          return true;
        });
    Connection connection = (Connection) kept.get(0);
    assertThat(connection.isClosed()).isTrue();
    refused(connection::createStatement);
    refused(() -> ((Statement) kept.get(1)).executeQuery("SELECT 1"));
    refused(() -> add((TenantContext) kept.get(2), "key_late"));
  }

  @Test
  void sqlThatEndsTheTransactionOrChangesTheTenantIsRefusedAndLeavesNoSetting() {
    for (String sql :
        List.of(
            "COMMIT",
            "SELECT set_config('app.organization_id', 'globex', true)",
            "SELECT set_config('app.organization_id', 'globex', false)",
            "COMMIT; SELECT set_config('app.organization_id', 'globex', false); COMMIT; BEGIN")) {
      refused(() -> storage.inTenant(acme, c -> run(c, sql)));
    }
    // What goes unnoticed is taken back all the same.
    org.assertj.core.api.Assertions.assertThatCode(
            () -> storage.inTenant(acme, c -> run(c, "SET app.organization_id = 'acme'")))
        .doesNotThrowAnyException();
  }

  @Test
  void failedStatementThatTheWorkHidDoesNotCommit() throws Exception {
    assertThatThrownBy(
            () ->
                storage.inTenant(
                    acme,
                    c -> {
                      note(c, "acme", "half");
                      assertThatThrownBy(() -> run(c, "SELECT 1 / 0"))
                          .isInstanceOf(SQLException.class);
                      return true;
                    }))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
    assertThat(storage.inTenant(acme, HostSqlTest::notes)).doesNotContain("half");
  }

  @Test
  void operatorSeesAllTenantsAndTheReasonIsCommittedBeforeTheWork() throws Exception {
    storage.inTenant(acme, c -> note(c, "acme", "a"));
    storage.inTenant(globex, c -> note(c, "globex", "b"));
    assertThat(storage.inAdmin(operator, HostSqlTest::notes)).contains("a", "b");

    long before = operatorEvents();
    assertThatThrownBy(
            () ->
                storage.inAdmin(
                    operator,
                    c -> {
                      assertThat(operatorEvents()).isEqualTo(before + 1);
                      note(c, "acme", "rolled back");
                      throw new IllegalStateException();
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(operatorEvents()).isEqualTo(before + 1);
    try (Connection dba = database.dba()) {
      assertThat(
              text(
                  dba,
                  "SELECT actor_id || ': ' || reason FROM tenantkit.operator_events ORDER BY id"
                      + " DESC"))
          .isEqualTo("ada: ticket 42");
    }
    assertThat(storage.inTenant(acme, HostSqlTest::notes)).doesNotContain("rolled back");
  }

  @Test
  void operatorsWorkDoesNotNestAndItsTrailCannotBeChanged() throws Exception {
    storage.inAdmin(
        operator,
        (tx, c) -> {
          code(() -> storage.inAdmin(operator, same -> true), ErrorCode.JOINED_TRANSACTION_REFUSED);
          code(() -> storage.inAdmin(tx, same -> true), ErrorCode.JOINED_TRANSACTION_REFUSED);
          assertThat(stores().organizations().find(tx, ACME)).isPresent();
          return true;
        });
    for (String sql : List.of("DELETE FROM ", "TRUNCATE ")) {
      assertThatThrownBy(
              () -> storage.inAdmin(operator, c -> run(c, sql + "tenantkit.operator_events")))
          .isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(
            () -> storage.inTenant(acme, c -> run(c, "SELECT FROM tenantkit.operator_events")))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void withoutTheRowThereIsNoWork() throws Exception {
    Cluster.Database broken = Cluster.migrated();
    try (HikariDataSource tenants = broken.app(1);
        HikariDataSource operators = broken.admin(1)) {
      JdbcStorage opened = JdbcStorage.postgresql(tenants).admin(operators).open();
      broken.asDba(
          "ALTER TABLE tenantkit.operator_events ADD CONSTRAINT never CHECK (false) NOT VALID");
      List<String> done = new ArrayList<>();
      code(() -> opened.inAdmin(operator, c -> done.add("worked")), ErrorCode.STORAGE_FAILED);
      assertThat(done).isEmpty();
      code(
          () -> JdbcStorage.postgresql(tenants).open().inAdmin(operator, c -> done.add("worked")),
          ErrorCode.ACCESS_DENIED);
      assertThat(done).isEmpty();
    }
  }

  @Test
  void onH2ItIsATransactionWithoutASetting(@TempDir Path folder) throws Exception {
    try (JdbcStorage h2 = JdbcStorage.h2(folder.resolve("host")).open()) {
      try (Connection c = h2.connection()) {
        run(c, "CREATE TABLE notes (organization_id varchar(255), text varchar(255))");
        c.commit();
      }
      h2.inTenant(acme, c -> note(c, "acme", "kept"));
      assertThatThrownBy(
              () ->
                  h2.inTenant(
                      acme,
                      c -> {
                        note(c, "acme", "gone");
                        h2.inTenant(globex, inner -> note(inner, "globex", "gone, too"));
                        refused(c::commit);
                        throw new IllegalStateException();
                      }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(h2.inAdmin(operator, HostSqlTest::notes)).containsExactly("kept");
      String events =
          h2.inAdmin(operator, c -> text(c, "SELECT count(*) FROM tenantkit.operator_events"));
      assertThat(events).isEqualTo("2");
    }
  }

  private static CoreStores stores() {
    return storage.stores(CoreStores.class).orElseThrow();
  }

  private static void add(TenantContext context, String id) {
    stores()
        .apiKeys()
        .insert(
            context,
            SAMPLES.key(context.organization(), id),
            SAMPLES.event(context.organization(), "added"));
  }

  private boolean found(String id) {
    return stores().apiKeys().find(acme, ApiKeyId.of(id)).isPresent();
  }

  private static boolean note(Connection connection, String organization, String text)
      throws SQLException {
    return run(connection, "INSERT INTO notes VALUES ('" + organization + "', '" + text + "')");
  }

  private static List<String> notes(Connection connection) throws SQLException {
    List<String> notes = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery("SELECT text FROM notes")) {
      while (results.next()) {
        notes.add(results.getString("text"));
      }
    }
    return notes;
  }

  private static long operatorEvents() throws SQLException {
    try (Connection dba = database.dba()) {
      return Long.parseLong(text(dba, "SELECT count(*) FROM tenantkit.operator_events"));
    }
  }

  private static String tenant(Connection connection) throws SQLException {
    return text(connection, "SELECT coalesce(tenantkit.get_current_tenant_id(), '')");
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      results.next();
      return results.getString(1);
    }
  }

  private static boolean run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    return true;
  }

  private static void refused(ThrowingCallable call) {
    code(call, ErrorCode.JOIN_REFUSED);
  }

  private static void code(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
