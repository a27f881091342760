package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.PageRequest;
import io.tenantkit.StorageException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A control plane whose pools lead to a hot standby, from its start or since the host's network
 * moved them there, while another one works on the primary.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StandbyTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final Duration BOUND = Duration.ofSeconds(2);
  private static final Duration POOL = Duration.ofSeconds(2);
  private static final DatabaseRoles ROLES = DatabaseRoles.defaults();

  private static EmbeddedPostgres primaryServer;
  private static HikariDataSource primaryApp;
  private static HikariDataSource primaryAdmin;
  private static ControlPlane primary;

  private final TickingClock clock = TickingClock.at(Instant.now());
  private IssuedApiKey issued;
  private IssuedApiKey repeatable;
  private Standby standby;
  private FaultRelay relay;
  private HikariDataSource app;
  private HikariDataSource admin;
  private JdbcStorage storage;
  private ControlPlane plane;
  private ApiKeyManager keys;

  @BeforeAll
  static void openPrimary() throws Exception {
    // Or what was committed need not have been sent yet when the standby is asked whether it
    // follows.
    primaryServer =
        EmbeddedPostgres.builder()
            .setServerConfig("synchronous_commit", "on")
            .setPGStartupWait(Cluster.STARTUP)
            .start();
    try (Connection dba = primaryServer.getPostgresDatabase().getConnection();
        Statement statement = dba.createStatement()) {
      statement.execute(ROLES.script());
    }
    try (HikariDataSource owner = pool(primaryServer.getPort(), ROLES.owner())) {
      SchemaMigrator.postgresql(owner).migrate();
    }
    primaryApp = pool(primaryServer.getPort(), ROLES.application());
    primaryAdmin = pool(primaryServer.getPort(), ROLES.admin());
    primary =
        ControlPlane.builder(
                JdbcStorage.postgresql(primaryApp).admin(primaryAdmin).open(),
                VerifyingNode.masterKeys())
            .manualMaintenance()
            .build();
    primary.organizations().create(OPERATOR, ACME, "Acme");
  }

  @AfterAll
  static void closePrimary() throws Exception {
    primary.close();
    primaryApp.close();
    primaryAdmin.close();
    primaryServer.close();
  }

  private static HikariDataSource pool(int port, String role) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres");
    pool.setUsername(role);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(2);
    pool.setConnectionTimeout(20_000);
    return pool;
  }

  @BeforeEach
  void open() throws Exception {
    issued = primary.apiKeys().create(CONTEXT, NewApiKey.live("backend"));
    repeatable =
        primary
            .apiKeys()
            .create(
                CONTEXT, NewApiKey.live("again").idempotencyId("id-" + issued.key().id().value()));
    standby = Standby.of(primaryServer.getJdbcUrl("postgres", "postgres"));
    relay = new FaultRelay(primaryServer.getPort());
    app = relay.pool("postgres", ROLES.application(), POOL);
    admin = relay.pool("postgres", ROLES.admin(), POOL);
    openPlane();
  }

  private void openPlane() {
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    plane =
        ControlPlane.builder(storage, VerifyingNode.masterKeys())
            .clock(clock)
            .revocationBound(BOUND)
            .manualMaintenance()
            .build();
    keys = plane.apiKeys();
  }

  private void moveTo(int port) {
    relay.lead(port);
    app.getHikariPoolMXBean().softEvictConnections();
    admin.getHikariPoolMXBean().softEvictConnections();
  }

  @AfterEach
  void close() throws Exception {
    plane.close();
    app.close();
    admin.close();
    relay.close();
    standby.close();
  }

  @Test
  void opensThereAndReadsAnswerAndWritesAreRefused() {
    plane.close();
    moveTo(standby.port());
    openPlane();
    ApiKeyId id = issued.key().id();
    assertThat(keys.get(CONTEXT, id)).isEqualTo(issued.key());
    assertThat(keys.list(CONTEXT, PageRequest.first(1)).items()).hasSize(1);
    assertThat(plane.organizations().get(OPERATOR, ACME).name()).isEqualTo("Acme");
    assertThat(plane.audit().list(CONTEXT, PageRequest.first(10)).items()).isNotEmpty();
    assertThat(storage.<Boolean, RuntimeException>inTenant(CONTEXT, c -> true)).isTrue();

    isReadOnly(() -> keys.create(CONTEXT, NewApiKey.live("new")));
    isReadOnly(() -> keys.create(CONTEXT, NewApiKey.live("new").idempotencyId("new")));
    isReadOnly(() -> keys.disable(CONTEXT, id));
    isReadOnly(() -> keys.revoke(CONTEXT, id, "left"));
    isReadOnly(() -> keys.rotate(CONTEXT, id, Rotation.immediate()));
    isReadOnly(() -> plane.organizations().create(OPERATOR, OrganizationId.of("new"), "New"));
    isReadOnly(() -> plane.organizations().suspend(OPERATOR, ACME));
    isReadOnly(() -> storage.inAdmin(OPERATOR, c -> true));
    assertThat(keys.get(CONTEXT, id)).isEqualTo(issued.key());
  }

  /** It may lag behind for any time, so it is not believed about keys, nor about changes. */
  @Test
  void neitherKeysNorChangesAreLookedUpThere() {
    moveTo(standby.port());
    isReadOnly(() -> verify(issued));
    isReadOnly(() -> verify(repeatable));
    isReadOnly(() -> storage.stores(CoreStores.class).orElseThrow().changes().since(null, 10));

    moveTo(primaryServer.getPort());
    assertThat(verify(issued)).isInstanceOf(Verdict.Valid.class);
    assertThat(verify(repeatable)).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void cachedKeyKeepsToTheBoundAndIsNeverAnsweredFromAStandbyThatLags() {
    assertThat(verify(issued)).isInstanceOf(Verdict.Valid.class);
    assertThat(standby.text("SELECT pg_wal_replay_pause()")).isNotNull();
    Bounded.await(
        "the replay pauses",
        () -> standby.text("SELECT pg_get_wal_replay_pause_state()").equals("paused"));
    moveTo(standby.port());
    primary.apiKeys().revoke(CONTEXT, issued.key().id(), "left");
    assertThat(keys.get(CONTEXT, issued.key().id()).revocation()).isEmpty();

    clock.tick(BOUND.minusMillis(1));
    plane.runDue(clock.instant());
    assertThat(verify(issued)).isInstanceOf(Verdict.Valid.class);
    clock.tick(Duration.ofMillis(1));
    plane.runDue(clock.instant());
    isReadOnly(() -> verify(issued));

    assertThat(standby.text("SELECT pg_wal_replay_resume()")).isNotNull();
    standby.follow();
    assertThat(keys.get(CONTEXT, issued.key().id()).revocation()).isPresent();
    isReadOnly(() -> verify(issued));
    moveTo(primaryServer.getPort());
    isRefused(Verdict.Reason.REVOKED);
  }

  @Test
  void limitsThatTheDatabaseCountsAnswerAsOfAFailingStorage() {
    RateLimit limit = RateLimit.of("calls", 5, Duration.ofHours(1)).shared();
    IssuedApiKey open = keys.create(CONTEXT, NewApiKey.live("open").limit(limit.failOpen()));
    IssuedApiKey closed = keys.create(CONTEXT, NewApiKey.live("closed").limit(limit));
    IssuedApiKey paid = keys.create(CONTEXT, NewApiKey.live("paid").credits(Credits.of(5)));
    for (IssuedApiKey each : List.of(open, closed, paid)) {
      assertThat(verify(each)).isInstanceOf(Verdict.Valid.class);
    }
    moveTo(standby.port());

    assertThat(verify(open)).isInstanceOf(Verdict.Valid.class);
    assertThat(verify(open).limits())
        .extracting(LimitStatus::outcome)
        .containsExactly(LimitStatus.Outcome.FAILED_OPEN);
    for (IssuedApiKey each : List.of(closed, paid)) {
      Verdict verdict = verify(each);
      assertThat(verdict)
          .isInstanceOfSatisfying(
              Verdict.Refused.class,
              refused ->
                  assertThat(refused.reasons()).containsExactly(Verdict.Reason.RATE_LIMITED));
      assertThat(verdict.limits())
          .extracting(LimitStatus::outcome)
          .containsExactly(LimitStatus.Outcome.FAILED_CLOSED);
    }
  }

  @Test
  void standbyThatStopsIsUnavailable() throws Exception {
    moveTo(standby.port());
    isReadOnly(() -> verify(issued));
    standby.stop();
    Bounded.failsWith(ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> verify(issued));
    Bounded.failsWith(
        ErrorCode.STORAGE_UNAVAILABLE, POOL, () -> keys.get(CONTEXT, issued.key().id()));

    standby.start();
    Bounded.await("the pool connects again", this::isReached);
    assertThat(keys.get(CONTEXT, issued.key().id())).isEqualTo(issued.key());
  }

  /** Transaction numbers of the former primary say nothing here, so all that is cached goes. */
  @Test
  void standbyThatIsPromotedTakesWritesAndTellsOfAllThatWasMissed() {
    assertThat(verify(issued)).isInstanceOf(Verdict.Valid.class);
    primary.apiKeys().disable(CONTEXT, issued.key().id());
    standby.follow();
    moveTo(standby.port());
    plane.runDue(clock.instant());
    assertThat(verify(issued)).isInstanceOf(Verdict.Valid.class);

    standby.promote();
    clock.tick(BOUND.minusMillis(1));
    plane.runDue(clock.instant());
    isRefused(Verdict.Reason.DISABLED);
    assertThat(keys.enable(CONTEXT, issued.key().id()).enabled()).isTrue();
    assertThat(verify(issued)).isInstanceOf(Verdict.Valid.class);
    assertThat(verify(repeatable)).isInstanceOf(Verdict.Valid.class);
  }

  private boolean isReached() {
    try {
      return keys.list(CONTEXT, PageRequest.first(1)).items().size() == 1;
    } catch (StorageException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
      return false;
    }
  }

  private void isRefused(Verdict.Reason reason) {
    assertThat(verify(issued))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, refused -> assertThat(refused.reasons()).contains(reason));
  }

  private static void isReadOnly(ThrowingCallable call) {
    Bounded.failsWith(ErrorCode.STORAGE_READ_ONLY, Duration.ZERO, call);
  }

  private Verdict verify(IssuedApiKey key) {
    return keys.verify(text(key), ScopeQuery.none());
  }

  private static String text(IssuedApiKey key) {
    return key.secret().string(SecretAccess.get());
  }
}
