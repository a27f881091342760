package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.tck.Samples;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clean-up of limits on PostgreSQL walks through them in parts, and misses none. */
final class IdleLimitsTest {
  private static final int ROWS = 45_000;
  private static final int AT_ONCE = 1_000;

  /** What the function looks at in one call. */
  private static final int PART = 20_000;

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static JdbcStorage storage;
  private static RateLimitStore store;

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    app = database.app(2);
    storage = JdbcStorage.postgresql(app).open();
    store = storage.stores(CoreStores.class).orElseThrow().rateLimits();
    database.asDba(
        "INSERT INTO tenantkit.organizations (id, name) VALUES ('0', 'first'), ('acme', 'Acme'), ('z_z', 'last')");
  }

  @AfterAll
  static void close() {
    storage.close();
    app.close();
  }

  @BeforeEach
  void empty() {
    database.asDba("DELETE FROM tenantkit.rate_limits; DELETE FROM tenantkit.limit_cleaning");
  }

  /** Of every so many limits one is idle; the others' arrival time is in the year 5138. */
  private static void limits(int idleOf) {
    database.asDba(
        "INSERT INTO tenantkit.rate_limits SELECT (ARRAY['0', 'acme', 'z_z'])[1 + i % 3], 's' || i, 'n', 10, 1000000000, 10,"
            + " CASE WHEN i % "
            + idleOf
            + " = 0 THEN 0 ELSE 1e21 END, 0 FROM generate_series(1, "
            + ROWS
            + ") i");
  }

  private static int clean() {
    return store.removeIdle(AT_ONCE, Samples.NOW);
  }

  private static long count(String condition) throws SQLException {
    return ask("SELECT count(*) FROM tenantkit.rate_limits WHERE " + condition);
  }

  private static long ask(String sql) throws SQLException {
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      return first(statement, sql);
    }
  }

  private static long first(Statement statement, String sql) throws SQLException {
    try (ResultSet found = statement.executeQuery(sql)) {
      assertThat(found.next()).isTrue();
      return found.getLong(1);
    }
  }

  @Test
  void roundsRemoveAllThatIsIdleAndNothingElse() throws Exception {
    limits(10);
    int removed = 0;
    int rounds = 0;
    while (removed < ROWS / 10) {
      int now = clean();
      assertThat(now).isLessThanOrEqualTo(AT_ONCE);
      removed += now;
      rounds++;
      assertThat(rounds).as("once through all of them").isLessThan(10);
    }
    assertThat(removed).isEqualTo(ROWS / 10);
    assertThat(count("tat = 0")).isZero();
    assertThat(count("tat > 0")).isEqualTo(ROWS - ROWS / 10);
    for (int i = 0; i < 5; i++) {
      assertThat(clean()).isZero();
    }
  }

  /** Also where the walk has passed already, and at both ends. */
  @Test
  void whatGoesIdleLaterIsRemovedTheNextTimeAround() throws Exception {
    limits(ROWS + 1);
    assertThat(clean()).isZero();
    database.asDba(
        "UPDATE tenantkit.rate_limits SET tat = 0 WHERE (organization_id, subject) IN"
            + " (SELECT organization_id, min(subject) FROM tenantkit.rate_limits GROUP BY 1"
            + " UNION SELECT organization_id, max(subject) FROM tenantkit.rate_limits GROUP BY 1)");
    int removed = 0;
    for (int part = 0; part <= 2 * ROWS / PART; part++) {
      removed += clean();
    }
    assertThat(removed).isEqualTo(6);
    assertThat(count("true")).isEqualTo(ROWS - 6);
  }

  /** Whatever the planner knows of the tables. */
  @ParameterizedTest
  @ValueSource(strings = {"", "ANALYZE tenantkit.rate_limits, tenantkit.rate_limit_leases"})
  void oneCallLooksAtOnePartWhateverThereIs(String before) throws Exception {
    limits(10);
    database.asDba(
        "INSERT INTO tenantkit.rate_limit_leases SELECT organization_id, subject, name, 'n', 1, 1, 0"
            + " FROM tenantkit.rate_limits");
    database.asDba(before);
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      dba.setAutoCommit(false);
      assertThat(first(statement, "SELECT tenantkit.remove_idle_limits(" + AT_ONCE + ")"))
          .isEqualTo(AT_ONCE);
      String read = "SELECT %s FROM pg_stat_xact_user_tables WHERE relname = '%s'";
      for (String table : List.of("rate_limits", "rate_limit_leases")) {
        assertThat(first(statement, read.formatted("seq_tup_read", table))).as(table).isZero();
        // Once for the end of the part, once for its rows, and once for each that goes.
        assertThat(first(statement, read.formatted("idx_tup_fetch", table)))
            .as(table)
            .isLessThanOrEqualTo(2 * PART + 2 * AT_ONCE);
      }
      dba.rollback();
    }
  }

  @Test
  void whileOneNodeCleansAnotherDoesNot() throws Exception {
    limits(10);
    assertThat(clean()).isEqualTo(AT_ONCE);
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      dba.setAutoCommit(false);
      statement.execute("SELECT tenantkit.remove_idle_limits(" + AT_ONCE + ")");
      assertThat(clean()).isZero();
      dba.rollback();
    }
    assertThat(clean()).isEqualTo(AT_ONCE);
  }

  /** A limit of which a call is just taking is no other call's to wait for. */
  @Test
  void rowInUseIsLeft() throws Exception {
    database.asDba(
        "INSERT INTO tenantkit.rate_limits VALUES ('acme', 'a', 'n', 1, 1, 1, 0, 0), ('acme', 'b', 'n', 1, 1, 1, 0, 0)");
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      dba.setAutoCommit(false);
      statement.execute("SELECT FROM tenantkit.rate_limits WHERE subject = 'a' FOR UPDATE");
      assertThat(clean()).isOne();
      dba.rollback();
    }
    assertThat(clean()).isOne();
  }
}
