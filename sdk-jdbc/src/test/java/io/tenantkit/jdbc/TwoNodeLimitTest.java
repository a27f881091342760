package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Lease;
import io.tenantkit.spi.RateLimitStore.Take;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The bound of each mode, over two JVMs on one PostgreSQL. The window is so long that nothing comes
 * back: what both admit together is held against the burst.
 */
final class TwoNodeLimitTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final int BURST = 800;
  private static final int CALLS = 1_000;
  private static final RateLimit LIMIT = RateLimit.of("hot", BURST, Duration.ofDays(300));
  private static final String LEASES =
      "SELECT COALESCE(sum(requests), 0) AS n, COALESCE(max(expires), 0) AS until"
          + " FROM tenantkit.rate_limit_leases";

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
    app = database.app(2);
    admin = database.admin(1);
  }

  @BeforeEach
  void addOrganization() {
    Samples samples = new Samples();
    JdbcStorage.postgresql(app)
        .admin(admin)
        .open()
        .stores(io.tenantkit.spi.CoreStores.class)
        .orElseThrow()
        .organizations()
        .insert(
            Operator.trusted("ops", "test"),
            samples.organization(ACME, "Name"),
            samples.event(ACME, "created"));
  }

  @AfterEach
  void empty() {
    database.clear();
  }

  @AfterAll
  static void close() {
    app.close();
    admin.close();
  }

  private static long remaining() {
    return remaining("key_1", LIMIT);
  }

  private static long ownLeft(String key, Limits own) {
    return remaining(key, own.rates().get(0));
  }

  private static long remaining(String key, RateLimit limit) {
    RateLimitStore store =
        new PostgresqlRateLimits(new Transactions(Dialect.POSTGRESQL, source(), null));
    Answer answer =
        store.take(
            ACME,
            List.of(new Take(key, limit, 0, 0)),
            Optional.empty(),
            new Lease("test", 1, Duration.ZERO),
            Instant.EPOCH);
    return answer.limits().get(0).remaining();
  }

  private static ConnectionSource source() {
    return app::getConnection;
  }

  private static long leases(String column) throws Exception {
    return number("SELECT " + column + " FROM (" + LEASES + ") l");
  }

  private static long number(String query) throws Exception {
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }

  /** A node fetches leases beside its calls, and may still be at the first when they are over. */
  private static void awaitLease() throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (leases("n") == 0) {
      assertThat(System.nanoTime()).as("no lease was fetched").isLessThan(deadline);
    }
  }

  /** Waits by the database's clock until every lease there is has expired. */
  private static void awaitExpiry(long until) throws Exception {
    long micros = until / 1_000 + 1;
    database.asDba(
        "SELECT pg_sleep(greatest(0, "
            + micros
            + " / 1e6 - extract(epoch FROM clock_timestamp())))");
  }

  private static long both(LimiterProcess first, LimiterProcess second) throws Exception {
    first.send("hit " + CALLS);
    second.send("hit " + CALLS);
    return first.answer() + second.answer();
  }

  @Test
  void localNodesAdmitTheBoundEach() throws Exception {
    try (LimiterProcess first = new LimiterProcess(database, Limits.of(LIMIT));
        LimiterProcess second = new LimiterProcess(database, Limits.of(LIMIT))) {
      first.await();
      second.await();

      assertThat(both(first, second)).isEqualTo(2 * BURST);
    }
  }

  @Test
  void sharedNodesAdmitExactlyTheBoundTogether() throws Exception {
    Limits limits = Limits.of(LIMIT.shared());
    try (LimiterProcess first = new LimiterProcess(database, limits);
        LimiterProcess second = new LimiterProcess(database, limits)) {
      first.await();
      second.await();

      assertThat(both(first, second)).isEqualTo(BURST);
    }
  }

  @Test
  void nodesSpendExactlyTheBudgetTogether() throws Exception {
    int budget = 400;
    Limits limits = Limits.none().with(Credits.of(budget));
    try (LimiterProcess first = new LimiterProcess(database, limits);
        LimiterProcess second = new LimiterProcess(database, limits)) {
      first.await();
      second.await();
      // Before they race, of which one may be done before the other has begun.
      assertThat(first.hit(1) + second.hit(1)).as("both spend").isEqualTo(2);
      first.send("hit " + budget);
      second.send("hit " + budget);

      assertThat(first.answer() + second.answer()).isEqualTo(budget - 2);
      assertThat(first.hit(5) + second.hit(5)).isZero();
      first.end();
      second.end();
    }
    assertThat(number("SELECT remaining FROM tenantkit.credits")).isZero();
  }

  /** Each key has room enough of its own: what they share is what ends. */
  @Test
  void twoKeysOnTwoNodesTakeExactlyTheirPoolTogether() throws Exception {
    Limits own = Limits.of(RateLimit.of("own", CALLS, Duration.ofDays(300)).shared());
    Limits pool = Limits.of(LIMIT.shared());
    try (LimiterProcess first = new LimiterProcess(database, "key_1", own, pool);
        LimiterProcess second = new LimiterProcess(database, "key_2", own, pool)) {
      first.await();
      second.await();
      // Before they race, of which one may be done before the other has begun.
      long one = first.hit(1);
      long other = second.hit(1);
      assertThat(one + other).as("both take").isEqualTo(2);
      first.send("hit " + (CALLS - 1));
      second.send("hit " + (CALLS - 1));
      one += first.answer();
      other += second.answer();

      assertThat(one + other).isEqualTo(BURST);
      // What the pool refused, neither key was charged for.
      assertThat(ownLeft("key_1", own)).isEqualTo(CALLS - one);
      assertThat(ownLeft("key_2", own)).isEqualTo(CALLS - other);
    }
  }

  @Test
  void leasingNodesNeverAdmitMoreAndReturnWhatIsUnusedAtClose() throws Exception {
    Limits limits = Limits.of(LIMIT.leased());
    try (LimiterProcess first = new LimiterProcess(database, limits);
        LimiterProcess second = new LimiterProcess(database, limits)) {
      first.await();
      second.await();
      long admitted = both(first, second);
      assertThat(admitted).isBetween(BURST / 2L, (long) BURST);
      first.end();
      second.end();

      // Nothing is lost: what was not admitted is there again.
      assertThat(leases("n")).isZero();
      assertThat(remaining()).isEqualTo(BURST - admitted);
    }
  }

  @Test
  void killedNodesLeasesAreWrittenOffWhenTheyExpireAndNoMoreThanThose() throws Exception {
    Limits limits = Limits.of(LIMIT.leased());
    try (LimiterProcess first = new LimiterProcess(database, limits);
        LimiterProcess second = new LimiterProcess(database, limits)) {
      first.await();
      second.await();
      long admitted = first.hit(40);
      assertThat(admitted).isEqualTo(40);
      awaitLease();
      first.signal("KILL");
      first.awaitServed();
      long held = leases("n");
      assertThat(held).isBetween(1L, BURST / 4L);
      awaitExpiry(leases("until"));

      admitted += second.hit(CALLS);
      second.end();
      assertThat(admitted + remaining()).isBetween(BURST - held, (long) BURST);
    }
  }

  @Test
  void nodeThatWasStoppedPastItsLeasesAdmitsNothingByThem() throws Exception {
    Limits limits = Limits.of(LIMIT.leased());
    try (LimiterProcess first = new LimiterProcess(database, limits);
        LimiterProcess second = new LimiterProcess(database, limits)) {
      first.await();
      second.await();
      long admitted = first.hit(40);
      awaitLease();
      first.signal("STOP");
      first.awaitServed();
      long held = leases("n");
      assertThat(held).isPositive();
      awaitExpiry(leases("until"));
      // The other one now takes all there is; what the first still holds on to is void.
      admitted += second.hit(CALLS);
      admitted += second.hit(CALLS);
      first.signal("CONT");
      admitted += first.hit(CALLS);

      assertThat(admitted).isBetween(BURST / 2L, (long) BURST);
      second.end();
      first.end();
      assertThat(admitted + remaining()).isBetween(BURST - held, (long) BURST);
    }
  }
}
