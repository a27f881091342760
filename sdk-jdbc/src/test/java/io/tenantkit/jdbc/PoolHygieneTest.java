package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
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
import org.junit.jupiter.api.Test;

/**
 * One connection, a thousand alternating tenants, and every way for a transaction to end: no
 * setting is left for the next borrower.
 */
final class PoolHygieneTest {
  private static final int ROUNDS = 1_000;
  private static final List<OrganizationId> TENANTS =
      List.of(OrganizationId.of("acme"), OrganizationId.of("globex"), OrganizationId.of("initech"));

  private final Samples samples = new Samples();

  @Test
  void poolOfOne() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1)) {
      alternate(database, app, admin);
    }
  }

  @Test
  void poolOfOneThroughPgBouncer() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (PgBouncer bouncer = PgBouncer.before(database, 1);
        HikariDataSource app = bouncer.pool(database.roles().application(), 1);
        HikariDataSource admin = bouncer.pool(database.roles().admin(), 1)) {
      alternate(database, app, admin);
    }
  }

  private void alternate(Cluster.Database database, HikariDataSource pool, HikariDataSource admin)
      throws Exception {
    HostTables.create(database);
    GivenBack app = new GivenBack(pool, true);
    JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
    CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
    for (OrganizationId id : TENANTS) {
      stores
          .organizations()
          .insert(
              Operator.trusted("ops", "test"),
              samples.organization(id, "Name"),
              samples.event(id, "created"));
    }
    int before = app.times();
    for (int round = 0; round < ROUNDS; round++) {
      OrganizationId id = TENANTS.get(round % TENANTS.size());
      TenantContext context = TenantContext.trusted(id, "test");
      TenantContext other =
          TenantContext.trusted(TENANTS.get((round + 1) % TENANTS.size()), "test");
      step(round % 10, round, storage, stores, app, context, other);
    }

    assertThat(app.unclean()).isEmpty();
    assertThat(app.times() - before).isGreaterThanOrEqualTo(ROUNDS);
    assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isOne();
    // Each tenant has what it wrote, and nobody else has it.
    for (OrganizationId id : TENANTS) {
      TenantContext context = TenantContext.trusted(id, "test");
      assertThat(storage.inTenant(context, PoolHygieneTest::organizations))
          .containsExactly(id.value());
      assertThat(stores.apiKeys().list(context, null, 1_000)).hasSizeGreaterThan(20);
    }
  }

  private void step(
      int kind,
      int round,
      JdbcStorage storage,
      CoreStores stores,
      GivenBack app,
      TenantContext context,
      TenantContext other)
      throws Exception {
    String id = context.organization().value();
    switch (kind) {
      case 0 -> insert(stores, context, round);
      case 1 -> stores.apiKeys().list(context, null, 10);
      case 2 ->
          assertThatThrownBy(
                  () ->
                      insert(
                          stores,
                          TenantContext.trusted(OrganizationId.of("nobody"), "test"),
                          round))
              .isInstanceOf(NotFoundException.class);
      case 3 -> storage.inTenant(context, c -> note(c, id));
      case 4 ->
          assertThatThrownBy(
                  () ->
                      storage.inTenant(
                          context,
                          c -> {
                            note(c, id);
                            throw new IllegalStateException();
                          }))
              .isInstanceOf(IllegalStateException.class);
      case 5 ->
          assertThatThrownBy(
                  () ->
                      storage.inTenant(
                          context,
                          c -> {
                            run(c, "SET LOCAL statement_timeout = '1ms'");
                            return run(c, "SELECT pg_sleep(10)");
                          }))
              .isInstanceOfSatisfying(
                  SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
      case 6 ->
          storage.inTenant(
              context,
              (tx, c) -> {
                insert(stores, tx, round);
                return storage.inTenant(other, same -> note(same, other.organization().value()));
              });
      case 7 -> joined(storage, stores, app, context, round, true);
      case 8 -> joined(storage, stores, app, context, round, false);
      default ->
          assertThatThrownBy(
                  () ->
                      storage.inTenant(
                          context, c -> run(c, "SET app.organization_id = 'somebody'")))
              .isInstanceOfSatisfying(
                  TenantkitException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
    }
  }

  private void joined(
      JdbcStorage storage,
      CoreStores stores,
      GivenBack app,
      TenantContext context,
      int round,
      boolean commit)
      throws SQLException {
    try (Connection connection = app.getConnection()) {
      connection.setAutoCommit(false);
      storage.join(
          context,
          connection,
          (tx, c) -> {
            insert(stores, tx, round);
            return note(c, context.organization().value());
          });
      if (commit) {
        connection.commit();
      } else {
        connection.rollback();
      }
      connection.setAutoCommit(true);
    }
  }

  private void insert(CoreStores stores, TenantContext context, int round) {
    OrganizationId id = context.organization();
    stores
        .apiKeys()
        .insert(context, samples.key(id, "key_" + id.value() + round), samples.event(id, "added"));
  }

  private static boolean note(Connection connection, String organization) throws SQLException {
    return run(connection, "INSERT INTO notes VALUES ('" + organization + "', 'x')");
  }

  private static List<String> organizations(Connection connection) throws SQLException {
    List<String> found = new java.util.ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery("SELECT DISTINCT organization_id FROM notes")) {
      while (results.next()) {
        found.add(results.getString(1));
      }
    }
    return found;
  }

  private static boolean run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    return true;
  }
}
