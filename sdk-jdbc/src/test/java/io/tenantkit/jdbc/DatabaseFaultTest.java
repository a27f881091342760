package io.tenantkit.jdbc;

import static io.tenantkit.jdbc.Bounded.failsWith;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A database that is down, slow, silent, full, read-only or lost in the middle of a commit, seen
 * through the public API: every call ends, with an error of ours and within what README.md says,
 * and the next one works.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DatabaseFaultTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");
  private static final Duration BOUND = Duration.ofSeconds(2);

  /**
   * Of every statement here, so more than a busy machine needs for one. The server is to say that
   * it takes too long before the network's bound, twice this, is over.
   */
  private static final Duration STATEMENT = Duration.ofMillis(1_500);

  private static final Duration POOL = Duration.ofSeconds(2);

  /** A new connection and an answer that does not come, as README.md bounds them. */
  private static final Duration SILENCE = POOL.plus(new TimeLimit(STATEMENT).network());

  private static final TickingClock CLOCK = TickingClock.at(Instant.parse("2026-11-21T12:00:00Z"));

  private static Cluster.Database database;
  private static FaultRelay relay;
  private static HikariDataSource pool;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static ControlPlane plane;
  private static ApiKeyManager keys;

  private IssuedApiKey issued;
  private ApiKey key;

  @BeforeAll
  static void open() throws Exception {
    database = Cluster.migrated();
    HostTables.create(database);
    relay = new FaultRelay(Cluster.port());
    pool = relay.pool(database, POOL);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(pool).admin(admin).statementTimeout(STATEMENT).open();
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) 7);
    bytes[0] = 1;
    plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(bytes)))
            .clock(CLOCK)
            .revocationBound(BOUND)
            .manualMaintenance()
            .build();
    keys = plane.apiKeys();
    plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
    database.asDba(
        """
        CREATE SEQUENCE losses;
        GRANT USAGE ON SEQUENCE losses TO PUBLIC;
        CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $lose$
        BEGIN
          IF nextval('public.losses') <= CAST(TG_ARGV[1] AS integer) THEN
            RAISE EXCEPTION 'CANARY %', NEW USING ERRCODE = TG_ARGV[0];
          END IF;
          RETURN NEW;
        END
        $lose$;\
        """);
  }

  @AfterAll
  static void close() throws IOException {
    plane.close();
    pool.close();
    admin.close();
    relay.close();
  }

  @BeforeEach
  void issue() {
    issued = keys.create(CONTEXT, NewApiKey.live("backend"));
    key = issued.key();
  }

  @AfterEach
  void everythingIsAsBefore() {
    relay.heal();
    assertThat(recovered().name()).isEqualTo("backend");
    assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isLessThanOrEqualTo(1);
  }

  /** A pool may still hand out what broke just now, and needs a while to connect again. */
  private ApiKey recovered() {
    for (int attempt = 1; ; attempt++) {
      try {
        return keys.get(CONTEXT, key.id());
      } catch (TenantkitException e) {
        if (attempt == 20 || e.code() != ErrorCode.STORAGE_UNAVAILABLE) {
          throw e;
        }
      }
    }
  }

  @Test
  void databaseThatIsDownIsUnavailableAndACachedKeyKeepsToTheBound() {
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
    relay.fail(FaultRelay.Fault.DOWN, "");

    failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> keys.get(CONTEXT, key.id()));
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> keys.disable(CONTEXT, key.id()));
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> storage.inTenant(CONTEXT, c -> true));
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
    CLOCK.tick(BOUND.plusMillis(1));
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, this::verify);

    relay.heal();
    recovered();
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void slowDatabaseIsBusyForATenantAndUnavailableForALookup() throws Exception {
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      dba.setAutoCommit(false);
      statement.execute("LOCK TABLE tenantkit.api_keys");
      failsWith(ErrorCode.STORAGE_BUSY, SILENCE, () -> keys.get(CONTEXT, key.id()));
      failsWith(ErrorCode.STORAGE_BUSY, SILENCE, () -> keys.disable(CONTEXT, key.id()));
      failsWith(ErrorCode.STORAGE_BUSY, SILENCE, () -> keys.list(CONTEXT, PageRequest.first(1)));
      CLOCK.tick(BOUND.plusMillis(1));
      failsWith(ErrorCode.STORAGE_UNAVAILABLE, SILENCE, this::verify);
      dba.rollback();
    }
    assertThat(keys.get(CONTEXT, key.id()).enabled()).isTrue();
  }

  @Test
  void silentNetworkIsUnavailableAndACachedKeyKeepsToTheBound() {
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
    IssuedApiKey uncached = keys.create(CONTEXT, NewApiKey.live("uncached"));
    relay.fail(FaultRelay.Fault.BLACK_HOLE, "");
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, SILENCE, () -> keys.get(CONTEXT, key.id()));
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, SILENCE, () -> keys.disable(CONTEXT, key.id()));
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, SILENCE, () -> storage.inTenant(CONTEXT, c -> true));
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, SILENCE, () -> verify(uncached));
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
    CLOCK.tick(BOUND.plusMillis(1));
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, SILENCE, this::verify);
    relay.heal();
    assertThat(recovered().enabled()).isTrue();
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void resetBeforeTheCommitLeavesNothing() {
    long events = events();
    relay.fail(FaultRelay.Fault.RESET, "UPDATE tenantkit.api_keys");
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> keys.disable(CONTEXT, key.id()));
    assertThat(recovered().enabled()).isTrue();
    assertThat(events()).isEqualTo(events);
  }

  @Test
  void commitWhoseAnswerIsLostIsSettledInTheCallAndDoneOnce() {
    long events = events();
    relay.fail(FaultRelay.Fault.CUT_ANSWER, "COMMIT");
    assertThat(keys.disable(CONTEXT, key.id()).enabled()).isFalse();
    assertThat(recovered().enabled()).isFalse();
    assertThat(events()).isEqualTo(events + 1);

    relay.fail(FaultRelay.Fault.CUT_ANSWER, "COMMIT");
    failsWith(
        ErrorCode.COMMIT_UNKNOWN,
        POOL,
        () -> storage.inTenant(CONTEXT, c -> c.createStatement().execute("SELECT 1")));

    relay.fail(FaultRelay.Fault.BLACK_HOLE, "COMMIT");
    // The write is sent four times, and each waits anew.
    failsWith(
        ErrorCode.COMMIT_UNKNOWN, SILENCE.multipliedBy(4), () -> keys.enable(CONTEXT, key.id()));
    relay.heal();
    assertThat(recovered().enabled()).isFalse();
  }

  @Test
  void revokedKeyIsNotHonouredFromTheCacheWhenTheAnswerOfTheCommitWasLost() {
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
    relay.fail(FaultRelay.Fault.CUT_ANSWER, "COMMIT");
    assertThat(keys.revoke(CONTEXT, key.id(), "leaked").revocation()).isPresent();
    assertThat(verify()).isInstanceOf(Verdict.Refused.class);
  }

  /** Whatever arrives of the answers, a change and its audit row are both there or neither is. */
  @Test
  void connectionCutAtAnyByteIsTypedAndLeavesNothingByHalves() {
    for (int bytes = 0; bytes < 1_500; bytes += 60) {
      boolean before = recovered().enabled();
      long events = events();
      relay.cutAfter(bytes);
      ErrorCode code = null;
      try {
        if (before) {
          keys.disable(CONTEXT, key.id());
        } else {
          keys.enable(CONTEXT, key.id());
        }
      } catch (TenantkitException e) {
        code = e.code();
      }
      relay.heal();
      boolean changed = recovered().enabled() != before;
      assertThat(events()).as("cut after %s bytes", bytes).isEqualTo(events + (changed ? 1 : 0));
      if (code == null) {
        assertThat(changed).isTrue();
      } else {
        assertThat(code).isIn(ErrorCode.STORAGE_UNAVAILABLE, ErrorCode.COMMIT_UNKNOWN);
        assertThat(changed && code == ErrorCode.STORAGE_UNAVAILABLE).isFalse();
      }
    }
  }

  @Test
  void exhaustedPoolIsUnavailableWithinThePoolsOwnBound() throws Exception {
    assertThat(verify()).isInstanceOf(Verdict.Valid.class);
    IssuedApiKey uncached = keys.create(CONTEXT, NewApiKey.live("uncached"));
    try (Connection taken = pool.getConnection()) {
      assertThat(taken.isClosed()).isFalse();
      failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> keys.get(CONTEXT, key.id()));
      failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> storage.inTenant(CONTEXT, c -> true));
      failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> verify(uncached));
      assertThat(verify()).isInstanceOf(Verdict.Valid.class);
      CLOCK.tick(BOUND.plusMillis(1));
      failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, this::verify);
    }
  }

  @Test
  void lostRacesAndDeadlocksAreRepeatedTwiceAndAppliedOnce() {
    for (String state : Set.of("40001", "40P01")) {
      long events = events();
      losing(state, 2, () -> keys.disable(CONTEXT, key.id()));
      assertThat(keys.get(CONTEXT, key.id()).enabled()).isFalse();
      assertThat(events()).isEqualTo(events + 1);
      losing(
          state,
          3,
          () -> failsWith(ErrorCode.STORAGE_BUSY, STATEMENT, () -> keys.enable(CONTEXT, key.id())));
      assertThat(events()).isEqualTo(events + 1);
      keys.enable(CONTEXT, key.id());
    }
  }

  @Test
  void hostsOwnWorkIsNeverRepeated() throws Exception {
    database.asDba(
        "SELECT setval('losses', 1, false);CREATE TRIGGER lose BEFORE INSERT ON notes FOR EACH ROW"
            + " EXECUTE FUNCTION lose('40001', 1)");
    int[] runs = {0};
    try {
      assertThatThrownBy(
              () ->
                  storage.inTenant(
                      CONTEXT,
                      c -> {
                        runs[0]++;
                        return c.createStatement()
                            .execute("INSERT INTO notes VALUES ('acme', 'x')");
                      }))
          .isInstanceOf(SQLException.class);
    } finally {
      database.asDba("DROP TRIGGER lose ON notes");
    }
    assertThat(runs[0]).isOne();
  }

  @Test
  void fullDiskRefusesWrites() {
    losing(
        "53100",
        1,
        () ->
            failsWith(
                ErrorCode.STORAGE_READ_ONLY, STATEMENT, () -> keys.disable(CONTEXT, key.id())));
    assertThat(keys.get(CONTEXT, key.id()).enabled()).isTrue();
  }

  @Test
  void replicaRefusesWritesAndAnswersReads() {
    IssuedApiKey repeatable =
        keys.create(CONTEXT, NewApiKey.live("repeatable").idempotencyId("once"));
    String role = '"' + database.roles().application() + '"';
    database.asDba("ALTER ROLE " + role + " SET default_transaction_read_only = on");
    try {
      pool.getHikariPoolMXBean().softEvictConnections();
      failsWith(ErrorCode.STORAGE_READ_ONLY, STATEMENT, () -> keys.disable(CONTEXT, key.id()));
      assertThat(keys.get(CONTEXT, key.id()).enabled()).isTrue();
      assertThat(verify()).isInstanceOf(Verdict.Valid.class);
      // Its first use has to be written down, or a repeat of its creation could replace it.
      failsWith(ErrorCode.STORAGE_READ_ONLY, STATEMENT, () -> verify(repeatable));
    } finally {
      database.asDba("ALTER ROLE " + role + " RESET default_transaction_read_only");
      pool.getHikariPoolMXBean().softEvictConnections();
    }
    assertThat(verify(repeatable)).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void threadsReturnToTheirStartingCount() {
    relay.fail(FaultRelay.Fault.RESET, "UPDATE tenantkit.api_keys");
    failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> keys.disable(CONTEXT, key.id()));
    recovered();
    Set<Thread> before = threads();
    for (int i = 0; i < 20; i++) {
      relay.fail(FaultRelay.Fault.RESET, "UPDATE tenantkit.api_keys");
      failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> keys.disable(CONTEXT, key.id()));
      recovered();
    }
    Bounded.await(() -> "threads that do not end: " + since(before), () -> since(before).isEmpty());
  }

  private static Set<Thread> since(Set<Thread> before) {
    Set<Thread> now = threads();
    now.removeAll(before);
    return now;
  }

  /**
   * But for the relay's own, those of the pool, and those of the JVM's common pool, which makes and
   * ends them as it sees fit: the driver and the caches tidy up there.
   */
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().equals("fault-relay"))
        .filter(thread -> !thread.getName().startsWith("ForkJoinPool.commonPool-"))
        .filter(thread -> !thread.getName().startsWith(pool.getPoolName()))
        .collect(Collectors.toSet());
  }

  private Verdict verify() {
    return verify(issued);
  }

  private static Verdict verify(IssuedApiKey one) {
    return keys.verify(one.secret().string(SecretAccess.get()), ScopeQuery.none());
  }

  private static long events() {
    return plane.audit().list(CONTEXT, PageRequest.first(PageRequest.MAX_LIMIT)).items().size();
  }

  /** The first so many updates of a key end in this SQLState. */
  private static void losing(String state, int times, Runnable call) {
    database.asDba(
        "SELECT setval('losses', 1, false);CREATE TRIGGER lose BEFORE UPDATE ON tenantkit.api_keys"
            + " FOR EACH ROW EXECUTE FUNCTION lose('"
            + state
            + "', "
            + times
            + ")");
    try {
      call.run();
    } finally {
      database.asDba("DROP TRIGGER lose ON tenantkit.api_keys");
    }
  }
}
