package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Races that PostgreSQL itself ends: deadlocks that it finds (40P01), and rows that changed under a
 * transaction of a stricter isolation (40001). Nothing here is raised by hand.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LostRaceTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final String HEAD =
      "SELECT seq FROM tenantkit.audit_heads WHERE organization_id = 'acme' FOR UPDATE";

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  private static Cluster.Database database;
  private static HikariDataSource pool;
  private static HikariDataSource strictPool;
  private static HikariDataSource admin;
  private static GivenBack counted;
  private static GivenBack strictCounted;
  private static JdbcStorage storage;
  private static ControlPlane plane;
  private static ControlPlane strict;

  private ApiKey key;

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    // Long enough for the other session to close the circle before ours looks for one.
    database.asDba(
        "ALTER ROLE \"" + database.roles().application() + "\" SET deadlock_timeout = '5s'");
    pool = database.app(2);
    strictPool = new HikariDataSource();
    strictPool.setJdbcUrl(Cluster.url(database.name()));
    strictPool.setUsername(database.roles().application());
    strictPool.setPassword("unused");
    strictPool.setMaximumPoolSize(2);
    strictPool.setConnectionInitSql("SET default_transaction_isolation = 'repeatable read'");
    admin = database.admin(2);
    counted = new GivenBack(pool, true);
    strictCounted = new GivenBack(strictPool, true);
    storage = JdbcStorage.postgresql(counted).admin(admin).open();
    plane = ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
    JdbcStorage strictStorage = JdbcStorage.postgresql(strictCounted).open();
    assertThat(strictStorage.readiness())
        .anyMatch(issue -> issue.code().equals("postgresql.transaction-isolation"));
    strict =
        ControlPlane.builder(strictStorage, VerifyingNode.masterKeys())
            .revocationBound(Duration.ofMinutes(5))
            .manualMaintenance()
            .build();
    plane.organizations().create(OPERATOR, ACME, "Acme");
    plane.organizations().create(OPERATOR, GLOBEX, "Globex");
  }

  @AfterAll
  static void close() {
    THREADS.shutdownNow();
    plane.close();
    strict.close();
    pool.close();
    strictPool.close();
    admin.close();
  }

  @BeforeEach
  void issue() {
    try (IssuedApiKey issued = strict.apiKeys().create(CONTEXT, NewApiKey.live("backend"))) {
      key = issued.key();
    }
  }

  @Test
  void victimOfADeadlockIsRepeatedAndAppliedOnce() throws Exception {
    long events = events();
    int before = counted.times();
    Future<ApiKey> disabled;
    try (Connection dba = database.dba();
        Statement other = dba.createStatement()) {
      other.execute("SET deadlock_timeout = '30s'");
      dba.setAutoCommit(false);
      other.execute(HEAD);
      disabled = THREADS.submit(() -> plane.apiKeys().disable(CONTEXT, key.id()));
      Bounded.awaitBlocked(database, database.roles().application(), 1);
      // Ours has the key and waits for the head. That this ends at all is because ours lost.
      assertThat(other.executeUpdate(touch())).isOne();
      assertThat(disabled.isDone()).isFalse();
      dba.commit();
    }
    assertThat(Race.get(disabled).enabled()).isFalse();

    assertThat(plane.apiKeys().get(CONTEXT, key.id()).enabled()).isFalse();
    assertThat(events()).isEqualTo(events + 1);
    // To find the key, to lose, to win; then to look at the key and at the events.
    assertThat(counted.times() - before).isEqualTo(3 + 2);
    assertThat(counted.unclean()).isEmpty();
  }

  @Test
  void ofTwoJoinsInADeadlockOneIsBusyAndTheOtherCommits() throws Exception {
    long acme = events();
    CountDownLatch bothHaveOne = new CountDownLatch(2);
    List<Future<Optional<TenantkitException>>> ends = new ArrayList<>();
    ends.add(THREADS.submit(() -> renamed("first", ACME, GLOBEX, bothHaveOne)));
    ends.add(THREADS.submit(() -> renamed("second", GLOBEX, ACME, bothHaveOne)));
    List<Optional<TenantkitException>> failures = ends.stream().map(Race::get).toList();

    assertThat(failures).filteredOn(Optional::isEmpty).hasSize(1);
    assertThat(failures)
        .filteredOn(Optional::isPresent)
        .extracting(failure -> failure.orElseThrow().code())
        .containsExactly(ErrorCode.STORAGE_BUSY);
    String winner = failures.get(0).isEmpty() ? "first" : "second";
    assertThat(List.of(ACME, GLOBEX))
        .extracting(id -> plane.organizations().get(OPERATOR, id))
        .extracting(Organization::name)
        .containsOnly(winner);
    assertThat(events()).isEqualTo(acme + 1);

    // The loser's connection serves the next, and the same work now finds nobody in its way.
    String loser = winner.equals("first") ? "second" : "first";
    assertThat(renamed(loser, ACME, GLOBEX, new CountDownLatch(1))).isEmpty();
    assertThat(plane.organizations().get(OPERATOR, GLOBEX).name()).isEqualTo(loser);
    assertThat(events()).isEqualTo(acme + 2);
  }

  /** The host's transaction, which it ends itself; what it failed with. */
  private static Optional<TenantkitException> renamed(
      String name, OrganizationId one, OrganizationId other, CountDownLatch haveOne)
      throws SQLException {
    try (Connection connection = admin.getConnection()) {
      connection.setAutoCommit(false);
      try {
        storage.join(
            OPERATOR,
            connection,
            (tx, c) -> {
              plane.organizations().rename(tx, one, name);
              haveOne.countDown();
              Race.await(haveOne);
              return plane.organizations().rename(tx, other, name);
            });
        connection.commit();
        return Optional.empty();
      } catch (TenantkitException e) {
        connection.rollback();
        return Optional.of(e);
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  @Test
  void changeThatLostToAnotherTransactionIsRepeated() throws Exception {
    long events = events();
    // To find the key, to lose, to win.
    ApiKey disabled = behind(touch(), 3, () -> strict.apiKeys().disable(CONTEXT, key.id()));
    assertThat(disabled.enabled()).isFalse();
    assertThat(plane.apiKeys().get(CONTEXT, key.id()).enabled()).isFalse();
    assertThat(events()).isEqualTo(events + 1);
  }

  @Test
  void changeOfWhatAnotherTransactionChangedIsStale() {
    long events = events();
    assertThatThrownBy(
            () ->
                behind(
                    "UPDATE tenantkit.api_keys SET name = 'by hand' WHERE id = '"
                        + key.id().value()
                        + "'",
                    3,
                    () -> strict.apiKeys().revoke(CONTEXT, key.id(), "left")))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STALE_VERSION));
    assertThat(plane.apiKeys().get(CONTEXT, key.id()).revocation()).isEmpty();
    assertThat(events()).isEqualTo(events);
  }

  @Test
  void rotationThatLostToAnotherTransactionIsRepeatedAndMakesOneSuccessor() throws Exception {
    long events = events();
    try (IssuedApiKey next =
        behind(
            touch(), 3, () -> strict.apiKeys().rotate(CONTEXT, key.id(), Rotation.immediate()))) {
      assertThat(plane.apiKeys().get(CONTEXT, key.id()).successor()).contains(next.key().id());
      assertThat(events()).isEqualTo(events + 1);
      assertThat(isValid(next)).isTrue();
      assertThat(plane.apiKeys().list(CONTEXT, PageRequest.first(PageRequest.MAX_LIMIT)).items())
          .filteredOn(each -> each.family().equals(key.family()))
          .hasSize(2);
    }
  }

  @Test
  void creationThatLostToAnotherTransactionIsRepeatedAndMakesOneKey() throws Exception {
    long events = events();
    int before = keys();
    String head = "UPDATE tenantkit.audit_heads SET hash = hash WHERE organization_id = 'acme'";
    try (IssuedApiKey made =
        behind(head, 2, () -> strict.apiKeys().create(CONTEXT, NewApiKey.live("made")))) {
      assertThat(isValid(made)).isTrue();
    }
    assertThat(keys()).isEqualTo(before + 1);
    assertThat(events()).isEqualTo(events + 1);
  }

  /**
   * Our call waits for what this statement has changed, and loses when that is committed.
   *
   * @param connections how many it takes, one after the other
   */
  private static <T> T behind(String statement, int connections, Callable<T> call)
      throws Exception {
    int before = strictCounted.times();
    Future<T> ours;
    try (Connection dba = database.dba();
        Statement other = dba.createStatement()) {
      dba.setAutoCommit(false);
      assertThat(other.executeUpdate(statement)).isOne();
      ours = THREADS.submit(call);
      Bounded.awaitBlocked(database, database.roles().application(), 1);
      dba.commit();
    }
    try {
      return ours.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    } finally {
      assertThat(strictCounted.times() - before).isEqualTo(connections);
      assertThat(strictCounted.unclean()).isEmpty();
    }
  }

  /** Writes the key's row and changes nothing of it. */
  private String touch() {
    return "UPDATE tenantkit.api_keys SET name = name WHERE id = '" + key.id().value() + "'";
  }

  private static boolean isValid(IssuedApiKey issued) {
    return plane.apiKeys().verify(issued.secret().string(SecretAccess.get()), ScopeQuery.none())
        instanceof Verdict.Valid;
  }

  private static int keys() {
    return plane.apiKeys().list(CONTEXT, PageRequest.first(PageRequest.MAX_LIMIT)).items().size();
  }

  private static long events() {
    return plane.audit().list(CONTEXT, PageRequest.first(PageRequest.MAX_LIMIT)).items().size();
  }
}
