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
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SQL that somebody runs as the application role, or in the host's own work, does no harm. */
final class HostileSessionTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final String OF_ACME = "SELECT set_config('app.organization_id', 'acme', false);";

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static CoreStores stores;

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    app = database.app(1);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    stores = storage.stores(CoreStores.class).orElseThrow();
    Samples samples = new Samples();
    stores
        .organizations()
        .insert(
            Operator.trusted("ops", "test"),
            samples.organization(ACME, "Acme"),
            samples.event(ACME, "created"));
    stores.apiKeys().insert(CONTEXT, samples.key(ACME, "key-1"), samples.event(ACME, "created"));
    database.asDba("INSERT INTO tenantkit.audit_keys VALUES (1, 1, 'master', '\\x00', now())");
  }

  @AfterAll
  static void close() {
    storage.close();
    app.close();
    admin.close();
  }

  private static void run(String sql) throws SQLException {
    try (Connection connection = database.connect(database.roles().application());
        Statement statement = connection.createStatement()) {
      statement.execute(OF_ACME + sql);
    }
  }

  private static String ask(String sql) throws SQLException {
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      assertThat(found.next()).isTrue();
      return found.getString(1);
    }
  }

  private static String take(String costs, String slices, String spends) {
    return "SELECT * FROM tenantkit.take_limits('acme', 'node', 1, 1000, '{s}', '{n}', '{10}', '{1000000000}', '{10}', '"
        + costs
        + "', '"
        + slices
        + "', 's', 100, NULL, NULL, "
        + spends
        + ")";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "42501 | UPDATE tenantkit.audit_keys SET wrapped = ''",
        "42501 | DELETE FROM tenantkit.audit_keys",
        "23514 | INSERT INTO tenantkit.audit_keys VALUES (2147483647, 1, 'm', '', now())",
        "23514 | INSERT INTO tenantkit.audit_keys VALUES (3, 1, 'm', '', now())",
        "23514 | INSERT INTO tenantkit.audit_keys VALUES (0, 1, 'm', '', now())",
        "23514 | INSERT INTO tenantkit.audit_keys VALUES (1, 2147483647, 'm', '', now())",
        "23505 | INSERT INTO tenantkit.audit_keys VALUES (1, 1, 'm', '', now())",
        "22003 | SELECT * FROM tenantkit.add_usage('n', 1, false, '{acme}', '{key-1}', '{-1}', '{0}')",
        "22003 | SELECT * FROM tenantkit.add_usage('n', 1, false, '{acme}', '{key-1}', '{0}', '{0}')",
        "22003 | SELECT * FROM tenantkit.add_usage('n', 1, false, '{acme}', '{key-1}', '{NULL}', '{0}')",
      })
  void harmfulSqlIsRefused(String state, String sql) {
    assertRefused(state, sql);
  }

  @ParameterizedTest
  @CsvSource({"{-1},{0},1", "{NULL},{0},1", "{1},{-1},1", "{1},{0},-1", "{1},{0},NULL"})
  void nothingIsGivenBackByTaking(String costs, String slices, String spends) {
    assertRefused("22003", take(costs, slices, spends));
  }

  private static void assertRefused(String state, String sql) {
    assertThatThrownBy(() -> run(sql))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  @Test
  void leaseOfWhichNobodySaysWhatIsUnusedIsUsed() throws Exception {
    run(
        "SELECT * FROM tenantkit.take_limits('acme', 'node', 7, 60000000000, '{l}', '{n}', '{10}', '{3600000000000}',"
            + " '{10}', '{1}', '{1}', NULL, NULL, NULL, NULL, NULL)");
    String before = ask("SELECT tat FROM tenantkit.rate_limits WHERE subject = 'l'");
    run("SELECT tenantkit.end_leases('node', '{acme}', '{l}', '{n}', '{7}', '{NULL}')");
    assertThat(ask("SELECT tat >= " + before + " FROM tenantkit.rate_limits WHERE subject = 'l'"))
        .isEqualTo("t");
  }

  @Test
  void forgedHeadOfTheFutureHidesNothing() throws Exception {
    run(
        "INSERT INTO tenantkit.audit_checkpoints SELECT organization_id, 'HEAD', s, hash, now(), 1, hash"
            + " FROM tenantkit.audit_heads, unnest(ARRAY[seq, seq + 1000]) s");
    assertThat(stores.auditCheckpoints().unsigned(null, 10)).contains(ACME);
  }

  @Test
  void useOfTheFutureIsNow() throws Exception {
    run(
        "SELECT * FROM tenantkit.add_usage('later', 1, false, '{acme}', '{key-1}', '{1}', '{9000000000000000}')");
    assertThat(ask("SELECT last_used_at <= clock_timestamp() FROM tenantkit.api_keys"))
        .isEqualTo("t");
  }

  @Test
  void whatIsChangedByHandIsCounted() throws Exception {
    String version = "SELECT version FROM tenantkit.api_keys";
    long before = Long.parseLong(ask(version));
    run(
        "UPDATE tenantkit.api_keys SET last_used_at = now(), usage_count = '{}', first_used_at = now()");
    assertThat(ask(version)).isEqualTo(Long.toString(before));
    run("UPDATE tenantkit.api_keys SET revoked_at = now()");
    assertThat(ask(version)).isEqualTo(Long.toString(before + 1));
    run("UPDATE tenantkit.api_keys SET version = version + 1, revoked_at = NULL");
    assertThat(ask(version)).isEqualTo(Long.toString(before + 2));

    String organization = "SELECT version FROM tenantkit.organizations";
    before = Long.parseLong(ask(organization));
    database.asDba("UPDATE tenantkit.organizations SET plan = 'other'");
    assertThat(ask(organization)).isEqualTo(Long.toString(before + 1));
  }

  @Test
  void changesNumberedByAnotherServerAreNotToldForEver() throws Exception {
    database.asDba(
        "INSERT INTO tenantkit.changes (organization_id, kind, subject, transaction_id)"
            + " VALUES ('acme', 'api_key', 'elsewhere', '999999999999');"
            + " UPDATE tenantkit.change_horizon SET pruned_below = '999999999999', candidate = '999999999999'");
    run("SELECT tenantkit.prune_changes(now(), 60)");
    var cursor = stores.changes().since(null, 10).cursor();
    database.asDba(
        "INSERT INTO tenantkit.changes (organization_id, kind, subject, transaction_id)"
            + " VALUES ('acme', 'api_key', 'elsewhere', '999999999999')");
    assertThat(stores.changes().since(cursor, 10).everything()).isFalse();
    assertThat(stores.changes().since(cursor, 10).changes()).isEmpty();
  }

  @Test
  void arrayLeadsToNoUnguardedConnection() throws Exception {
    storage.inTenant(
        CONTEXT,
        connection -> {
          Array array = connection.createArrayOf("text", new Object[] {"a"});
          try (ResultSet elements = array.getResultSet()) {
            Statement behind = elements.getStatement();
            assertThat(behind == null || behind.getConnection() == connection).isTrue();
          }
          try (PreparedStatement echo = connection.prepareStatement("SELECT CAST(? AS text[])")) {
            echo.setArray(1, array);
            try (ResultSet found = echo.executeQuery()) {
              assertThat(found.next()).isTrue();
              assertThat((Object[]) found.getArray(1).getArray()).containsExactly("a");
              try (ResultSet elements = found.getArray(1).getResultSet()) {
                Connection behind = elements.getStatement().getConnection();
                assertThatThrownBy(behind::commit).isInstanceOf(TenantkitException.class);
              }
            }
          }
          return null;
        });
  }

  @Test
  void callThatWouldWaitForItsOwnConnectionIsRefused() throws Exception {
    storage.inTenant(
        CONTEXT,
        connection -> {
          assertThatThrownBy(() -> stores.organizations().find(CONTEXT))
              .isInstanceOfSatisfying(
                  TenantkitException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED))
              .hasMessageContaining("overload of inTenant");
          return null;
        });
    assertThat(stores.organizations().find(CONTEXT)).isPresent();
  }

  @Test
  void anotherIsolationIsTold() {
    String role = '"' + database.roles().application() + '"';
    database.asDba("ALTER ROLE " + role + " SET default_transaction_isolation = 'repeatable read'");
    try (HikariDataSource pool = database.app(1);
        JdbcStorage opened = JdbcStorage.postgresql(pool).open()) {
      assertThat(opened.readiness())
          .extracting(io.tenantkit.ReadinessIssue::code)
          .contains("postgresql.transaction-isolation");
    } finally {
      database.asDba("ALTER ROLE " + role + " RESET default_transaction_isolation");
    }
  }
}
