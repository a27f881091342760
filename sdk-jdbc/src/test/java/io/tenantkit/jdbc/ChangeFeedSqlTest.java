package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever changes rows on PostgreSQL, and as whichever role, the feed tells of it. */
final class ChangeFeedSqlTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final String OF_ACME = "SELECT set_config('app.organization_id', 'acme', false);";

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static CoreStores stores;
  private static StoredApiKey key;

  private ChangeStore.Cursor cursor;

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    app = database.app(2);
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
    key = samples.key(ACME, "key-1");
    stores
        .apiKeys()
        .insert(TenantContext.trusted(ACME, "test"), key, samples.event(ACME, "created"));
  }

  @AfterAll
  static void close() {
    storage.close();
    app.close();
    admin.close();
  }

  @BeforeEach
  void begin() {
    cursor = stores.changes().since(null, 100).cursor();
  }

  private Changes poll() {
    Changes changes = stores.changes().since(cursor, 100);
    cursor = changes.cursor();
    return changes;
  }

  private void assertTold(String kind, String subject) {
    assertThat(poll().changes()).containsExactly(new Change(kind, "acme", subject));
  }

  private static void run(String role, String sql) throws SQLException {
    try (Connection connection = database.connect(role);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void sqlByHandIsToldWhoeverRunsIt() throws Exception {
    run(
        database.roles().application(),
        OF_ACME + "UPDATE tenantkit.api_keys SET enabled = false WHERE id = 'key-1'");
    assertTold(Change.API_KEY, key.hash().hex());
    run(
        database.roles().admin(),
        "UPDATE tenantkit.organizations SET status = 'SUSPENDED' WHERE id = 'acme'");
    assertTold(Change.ORGANIZATION, "acme");
    database.asDba("UPDATE tenantkit.organizations SET status = 'ACTIVE' WHERE id = 'acme'");
    assertTold(Change.ORGANIZATION, "acme");
    database.asDba("UPDATE tenantkit.api_keys SET enabled = true");
    assertTold(Change.API_KEY, key.hash().hex());
    database.asDba(
        "SET session_replication_role = replica; UPDATE tenantkit.api_keys SET enabled = true, name = 'x'");
    assertTold(Change.API_KEY, key.hash().hex());
  }

  /** The owner sees rows only where row level security is not forced on it, as while mending. */
  @Test
  void ownersSqlByHandIsTold() throws Exception {
    database.asDba("ALTER TABLE tenantkit.api_keys NO FORCE ROW LEVEL SECURITY");
    try {
      run(database.roles().owner(), "UPDATE tenantkit.api_keys SET name = 'by the owner'");
    } finally {
      database.asDba("ALTER TABLE tenantkit.api_keys FORCE ROW LEVEL SECURITY");
    }
    assertTold(Change.API_KEY, key.hash().hex());
  }

  @Test
  void hashThatIsReplacedByHandIsToldBeforeAndAfter() {
    String other = Samples.hash("other").hex();
    database.asDba("UPDATE tenantkit.api_keys SET key_hash = '" + other + "'");
    database.asDba("UPDATE tenantkit.api_keys SET key_hash = '" + key.hash().hex() + "'");

    assertThat(poll().changes())
        .extracting(Change::subject)
        .containsExactlyInAnyOrder(key.hash().hex(), other, other, key.hash().hex());
  }

  @Test
  void deletedAndInsertedByHandIsTold() {
    database.asDba(
        "CREATE TEMP TABLE kept AS SELECT * FROM tenantkit.api_keys; DELETE FROM tenantkit.api_keys;"
            + " INSERT INTO tenantkit.api_keys SELECT * FROM kept");
    assertThat(poll().changes())
        .containsExactly(
            new Change(Change.API_KEY, "acme", key.hash().hex()),
            new Change(Change.API_KEY, "acme", key.hash().hex()));
  }

  @Test
  void emptiedTableIsEverything() {
    database.asDba("BEGIN; TRUNCATE tenantkit.api_keys, tenantkit.key_notices; ROLLBACK");
    assertThat(poll().everything()).isFalse();
    database.asDba(
        "CREATE TEMP TABLE kept AS SELECT * FROM tenantkit.api_keys; TRUNCATE tenantkit.api_keys, tenantkit.key_notices;"
            + " INSERT INTO tenantkit.api_keys SELECT * FROM kept");
    assertThat(poll().everything()).isTrue();
    assertThat(poll().everything()).isFalse();
  }

  /** So that a column which a later version adds is not forgotten. */
  @Test
  void everyColumnOfKeysAndOrganizationsCountsButUse() throws Exception {
    Set<String> use = Set.of("last_used_at", "usage_count");
    for (String table : List.of("api_keys", "organizations")) {
      for (String[] column : columns(table)) {
        String value = another(column[0], column[1]);
        database.asDba(
            "BEGIN; UPDATE tenantkit.%s SET %s = %s; INSERT INTO seen SELECT count(*) FROM tenantkit.changes"
                    .formatted(table, column[0], value)
                    .replace(
                        "BEGIN;",
                        "CREATE TEMP TABLE seen (n bigint); INSERT INTO seen SELECT count(*) FROM tenantkit.changes;"
                            + " BEGIN; SET CONSTRAINTS ALL DEFERRED;")
                + "; DO $$ BEGIN IF (SELECT max(n) - min(n) FROM seen) "
                + (use.contains(column[0]) ? "> 0" : "= 0")
                + " THEN RAISE EXCEPTION 'column "
                + column[0]
                + "'; END IF; END $$; ROLLBACK");
      }
    }
  }

  private static List<String[]> columns(String table) throws SQLException {
    List<String[]> columns = new ArrayList<>();
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'tenantkit'"
                    + " AND column_name NOT IN ('organization_id', 'id') AND table_name = '"
                    + table
                    + "'")) {
      while (found.next()) {
        columns.add(new String[] {found.getString(1), found.getString(2)});
      }
    }
    assertThat(columns).hasSizeGreaterThan(4);
    return columns;
  }

  private static String another(String column, String type) {
    return switch (column) {
      case "key_hash" -> "'" + Samples.hash("another").hex() + "'";
      case "status" -> "'SUSPENDED'";
      case "mode" -> "'TEST'";
      // Pairs that stand or fall together.
      case "idempotency_id" -> "'y', idempotency_request = 'z'";
      case "idempotency_request" -> "'z', idempotency_id = 'y'";
      default ->
          switch (type) {
            case "boolean" -> "NOT " + column;
            case "bigint", "integer" -> column + " + 1";
            case "jsonb" ->
                "CASE WHEN jsonb_typeof("
                    + column
                    + ") = 'object' THEN '{\"x\": 1}'::jsonb ELSE '[7]' END";
            case "timestamp with time zone" -> "'2001-01-01'";
            default -> "'another'";
          };
    };
  }

  /** Transaction numbers of another server say nothing about this one's. */
  @Test
  void cursorOfAServerThatWasReplacedIsWorthNothing() throws Exception {
    assertThat(kinds(database, database.name(), "another", "1:1:"))
        .containsExactly("cursor", "everything");
  }

  /** What the feed of a database answers to a cursor, as the role of this or another one. */
  private static List<String> kinds(
      Cluster.Database of, String name, String server, String snapshot) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(Cluster.url(name), of.roles().application(), "unused");
        PreparedStatement since =
            connection.prepareStatement("SELECT kind FROM tenantkit.changes_since(?, ?, 10)")) {
      since.setString(1, server);
      since.setString(2, snapshot);
      List<String> kinds = new ArrayList<>();
      try (ResultSet rows = since.executeQuery()) {
        while (rows.next()) {
          kinds.add(rows.getString(1));
        }
      }
      return kinds;
    }
  }

  /** The first and the second part of a cursor. */
  private static String[] cursorNow(Cluster.Database of) throws SQLException {
    try (Connection connection = of.connect(of.roles().application());
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT organization_id, subject FROM tenantkit.changes_since(NULL, NULL, 10)")) {
      assertThat(rows.next()).isTrue();
      return new String[] {rows.getString(1), rows.getString(2)};
    }
  }

  /** As a machine is that was set back to a snapshot with its memory. */
  @Test
  void cursorOfTheFutureIsWorthNothing() throws Exception {
    String[] now = cursorNow(database);
    assertThat(kinds(database, database.name(), now[0], now[1])).containsExactly("cursor");
    assertThat(kinds(database, database.name(), now[0], "4000000000:4000000000:"))
        .containsExactly("cursor", "everything");
  }

  /** What a crash, a restored base backup and a promotion have in common. */
  @Test
  void serverThatLostItsUnloggedTablesIsEverything() {
    assertThat(poll().everything()).isFalse();
    database.asDba("TRUNCATE tenantkit.change_epoch");
    assertThat(poll().everything()).isTrue();
    assertThat(poll().everything()).isFalse();
  }

  /** A table that a dump brought back has another file; one that was only rewritten has, too. */
  @Test
  void tablesInOtherFilesAreEverything() {
    for (String table : List.of("api_keys", "organizations", "changes", "change_horizon")) {
      assertThat(poll().everything()).isFalse();
      database.asDba("CLUSTER tenantkit.%1$s USING %1$s_pkey".formatted(table));
      assertThat(poll().everything()).as(table).isTrue();
    }
    assertThat(poll().everything()).isFalse();
  }

  /** The same server, and the same files by name. */
  @Test
  void databaseThatIsMadeOfACopyIsEverything() throws Exception {
    Cluster.Database origin = Cluster.migrated();
    String copy = origin.name() + "_copy";
    origin.asDba("SELECT tenantkit.begin_changes()");
    String[] cursor = cursorNow(origin);
    database.asDba("CREATE DATABASE " + copy + " TEMPLATE " + origin.name());
    assertThat(kinds(origin, origin.name(), cursor[0], cursor[1])).containsExactly("cursor");
    assertThat(kinds(origin, copy, cursor[0], cursor[1])).containsExactly("cursor", "everything");
  }

  @Test
  void applicationReachesNothingOfTheFeedButItsFunctions() {
    for (String sql :
        List.of(
            "SELECT * FROM tenantkit.changes",
            "DELETE FROM tenantkit.changes",
            "INSERT INTO tenantkit.changes (organization_id, kind, subject) VALUES ('acme', 'x', 'y')",
            "SELECT * FROM tenantkit.change_horizon",
            "SELECT * FROM tenantkit.usage_batches",
            "SELECT tenantkit.api_key_changed()")) {
      for (String role : List.of(database.roles().application(), database.roles().admin())) {
        assertThatThrownBy(() -> run(role, OF_ACME + sql))
            .as(sql)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isIn("42501", "0A000"));
      }
    }
  }
}
