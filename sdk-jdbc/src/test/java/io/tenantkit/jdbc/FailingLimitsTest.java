package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Limits that the database counts while it really fails: each answers as it says, in time, and
 * nothing is taken. The keys themselves are known from memory, and no longer than the bound.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FailingLimitsTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");
  private static final Duration BOUND = Duration.ofSeconds(2);
  private static final Duration POOL = Duration.ofSeconds(1);

  /** Of a limit, which waits for an answer no longer than this whatever the host has set. */
  private static final Duration ANSWER = Duration.ofSeconds(2);

  private static final Duration NOTHING = Duration.ZERO;
  private static final Duration LOCK = Duration.ofMillis(500);
  private static final TickingClock CLOCK = TickingClock.at(Instant.parse("2026-11-21T12:00:00Z"));

  private static Cluster.Database database;
  private static FaultRelay relay;
  private static HikariDataSource pool;
  private static HikariDataSource admin;

  /** One for each key: after a failure a node leaves the storage alone for a moment. */
  private static final List<ControlPlane> PLANES = new ArrayList<>();

  private Subject open;
  private Subject closed;
  private Subject paid;

  /** A key and the node that is asked about it. */
  private record Subject(ControlPlane node, IssuedApiKey key) {
    Verdict verify() {
      return node.apiKeys().verify(key.secret().string(SecretAccess.get()), ScopeQuery.none());
    }

    LimitStatus.Outcome outcome() {
      return verify().limits().get(0).outcome();
    }
  }

  @BeforeAll
  static void open() throws IOException {
    database = Cluster.migrated();
    relay = new FaultRelay(Cluster.port());
    pool = relay.pool(database, POOL);
    admin = database.admin(1);
    JdbcStorage storage = JdbcStorage.postgresql(pool).admin(admin).open();
    for (int i = 0; i < 3; i++) {
      PLANES.add(
          ControlPlane.builder(storage, VerifyingNode.masterKeys())
              .clock(CLOCK)
              .revocationBound(BOUND)
              .manualMaintenance()
              .build());
    }
    PLANES.get(0).organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
  }

  @AfterAll
  static void close() throws IOException {
    PLANES.forEach(ControlPlane::close);
    pool.close();
    admin.close();
    relay.close();
  }

  @BeforeEach
  void issue() {
    RateLimit limit = RateLimit.of("calls", 5, Duration.ofDays(300)).shared();
    open = subject(0, NewApiKey.live("open").limit(limit.failOpen()));
    closed = subject(1, NewApiKey.live("closed").limit(limit));
    paid = subject(2, NewApiKey.live("paid").credits(Credits.of(5)));
  }

  /** Its first call has been counted. */
  private static Subject subject(int node, NewApiKey wanted) {
    ControlPlane plane = PLANES.get(node);
    Subject made = new Subject(plane, plane.apiKeys().create(CONTEXT, wanted));
    awaitCounting(made);
    return made;
  }

  private static void awaitCounting(Subject subject) {
    Bounded.await(
        "the limit is counted again", () -> subject.outcome() == LimitStatus.Outcome.ADMITTED);
  }

  @AfterEach
  void heal() {
    relay.heal();
    awaitConnection();
  }

  private static void awaitConnection() {
    Bounded.await("the pool connects again", FailingLimitsTest::isReached);
  }

  private static boolean isReached() {
    try {
      return PLANES.get(0).organizations().get(CONTEXT).id().equals(ACME);
    } catch (TenantkitException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
      return false;
    }
  }

  @Test
  void databaseThatIsDown() {
    Map<String, String> before = taken();
    relay.fail(FaultRelay.Fault.DOWN, "");
    answersAsEachSays(NOTHING, POOL);
    relay.heal();
    nothingWasTaken(before);
  }

  @Test
  void silentNetwork() {
    Map<String, String> before = taken();
    relay.fail(FaultRelay.Fault.BLACK_HOLE, "");
    answersAsEachSays(POOL, POOL.plus(ANSWER));
    relay.heal();
    nothingWasTaken(before);
  }

  @Test
  void requestThatIsSwallowed() {
    Map<String, String> before = taken();
    relay.fail(FaultRelay.Fault.BLACK_HOLE, "tenantkit.take_limit");
    isAdmitted(ANSWER, POOL.plus(ANSWER));
    relay.heal();
    nothingWasTaken(before);
  }

  @Test
  void resetOnTheWay() {
    Map<String, String> before = taken();
    resetNext();
    isAdmitted(NOTHING, POOL);
    for (Subject each : List.of(closed, paid)) {
      resetNext();
      isRefused(each, NOTHING, POOL);
    }
    nothingWasTaken(before);
  }

  private static void resetNext() {
    awaitConnection();
    relay.fail(FaultRelay.Fault.RESET, "tenantkit.take_limit");
  }

  @Test
  void rowThatIsLocked() throws Exception {
    whileHeld(
        "SELECT FROM tenantkit.rate_limits FOR UPDATE", "SELECT FROM tenantkit.credits FOR UPDATE");
  }

  @Test
  void tableThatIsLocked() throws Exception {
    whileHeld("LOCK TABLE tenantkit.rate_limits", "LOCK TABLE tenantkit.credits");
  }

  private void whileHeld(String... locks) throws SQLException {
    Map<String, String> before = taken();
    try (Connection dba = database.dba();
        Statement other = dba.createStatement()) {
      dba.setAutoCommit(false);
      for (String lock : locks) {
        other.execute(lock);
      }
      answersAsEachSays(LOCK, LOCK);
      dba.rollback();
    }
    nothingWasTaken(before);
  }

  @Test
  void exhaustedPool() throws Exception {
    Map<String, String> before = taken();
    try (Connection taken = pool.getConnection()) {
      assertThat(taken.isClosed()).isFalse();
      answersAsEachSays(POOL, POOL);
    }
    nothingWasTaken(before);
  }

  /** That a limit fails open says nothing of whether the key still is what it was. */
  @Test
  void keyIsKnownNoLongerThanTheBoundHoweverItsLimitFails() {
    relay.fail(FaultRelay.Fault.DOWN, "");
    isAdmitted(NOTHING, POOL);
    CLOCK.tick(BOUND);
    for (Subject each : List.of(open, closed, paid)) {
      Bounded.failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, each::verify);
    }
  }

  private void answersAsEachSays(Duration atLeast, Duration atMost) {
    isAdmitted(atLeast, atMost);
    isRefused(closed, atLeast, atMost);
    isRefused(paid, atLeast, atMost);
  }

  private void isAdmitted(Duration atLeast, Duration atMost) {
    Verdict verdict = timed(open, atLeast, atMost);
    assertThat(verdict).isInstanceOf(Verdict.Valid.class);
    assertThat(verdict.limits())
        .extracting(LimitStatus::outcome)
        .containsExactly(LimitStatus.Outcome.FAILED_OPEN);
  }

  private static void isRefused(Subject subject, Duration atLeast, Duration atMost) {
    Verdict verdict = timed(subject, atLeast, atMost);
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.reasons()).containsExactly(Verdict.Reason.RATE_LIMITED));
    assertThat(verdict.limits())
        .extracting(LimitStatus::outcome, LimitStatus::retryAfter)
        .containsExactly(tuple(LimitStatus.Outcome.FAILED_CLOSED, Duration.ofSeconds(1)));
  }

  /** Answered no sooner than this, so the storage was asked; and no later than that. */
  private static Verdict timed(Subject subject, Duration atLeast, Duration atMost) {
    long began = System.nanoTime();
    Verdict verdict = Bounded.within(atMost, subject::verify);
    // A timer may be early by its own grain.
    assertThat(Duration.ofNanos(System.nanoTime() - began).plusMillis(50))
        .isGreaterThanOrEqualTo(atLeast);
    return verdict;
  }

  /** The rows are as they were, and the next call that is counted takes one. */
  private void nothingWasTaken(Map<String, String> before) {
    awaitConnection();
    assertThat(taken()).isEqualTo(before);
    for (Subject each : List.of(open, closed, paid)) {
      awaitCounting(each);
      Verdict verdict = each.verify();
      assertThat(verdict).isInstanceOf(Verdict.Valid.class);
      assertThat(verdict.limits())
          .extracting(LimitStatus::outcome, LimitStatus::remaining)
          .containsExactly(tuple(LimitStatus.Outcome.ADMITTED, 5L - 3));
    }
  }

  /** What each row has counted. */
  private static Map<String, String> taken() {
    Map<String, String> counts = new TreeMap<>();
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT subject || '/' || name AS row, CAST(tat AS text) AS count FROM tenantkit.rate_limits"
                    + " UNION ALL SELECT subject, CAST(remaining AS text) FROM tenantkit.credits")) {
      while (found.next()) {
        counts.put(found.getString("row"), found.getString("count"));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    assertThat(counts).hasSizeGreaterThanOrEqualTo(3);
    return counts;
  }
}
