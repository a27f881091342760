package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.UsageStore.Usage;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Threads verify until the control plane is closed under them, while a transaction that a host has
 * joined holds the row of one of the keys. What was accepted is what is counted in the end.
 */
final class UsageAtCloseTest {
  private static final int ROUNDS = 4;
  private static final int THREADS = 6;
  private static final int WARM = 200;
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");

  private static Cluster.Database database;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static ControlPlane issuer;

  @BeforeAll
  static void open() {
    database = Cluster.migrated();
    app = database.app(4);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    issuer = plane(Clock.systemUTC());
    issuer.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
  }

  @AfterAll
  static void close() {
    issuer.close();
    storage.close();
    app.close();
    admin.close();
  }

  private static ControlPlane plane(Clock clock) {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys())
        .clock(clock)
        .manualMaintenance()
        .build();
  }

  private static Usage usage(IssuedApiKey key) {
    return storage
        .stores(CoreStores.class)
        .orElseThrow()
        .usage()
        .find(CONTEXT, key.key().id())
        .orElseThrow();
  }

  private static boolean isAccepted(ControlPlane plane, IssuedApiKey key) {
    return plane.apiKeys().verify(key.secret().string(SecretAccess.get()), ScopeQuery.none())
        instanceof Verdict.Valid;
  }

  @Test
  void acceptedCallsAreCountedWhileAHostHoldsTheRow() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      List<IssuedApiKey> keys =
          List.of(
              issuer.apiKeys().create(CONTEXT, NewApiKey.live("held " + round)),
              issuer.apiKeys().create(CONTEXT, NewApiKey.live("free " + round)));
      long[] before = usedOnceEach(keys);
      List<Instant> used = keys.stream().map(key -> usage(key).lastAt().orElseThrow()).toList();
      // A node whose clock is behind counts too, and moves nothing back.
      boolean behind = round % 2 == 1;
      ControlPlane closing =
          plane(behind ? Clock.offset(Clock.systemUTC(), Duration.ofHours(-1)) : Clock.systemUTC());

      long[] accepted = closedUnderway(closing, keys);

      for (int i = 0; i < keys.size(); i++) {
        Usage after = usage(keys.get(i));
        assertThat(accepted[i]).as("accepted").isGreaterThanOrEqualTo(THREADS * WARM / 2);
        assertThat(after.count())
            .as("round %s key %s", round, i)
            .isEqualTo(before[i] + accepted[i]);
        if (behind) {
          assertThat(after.lastAt()).as("it never goes back").contains(used.get(i));
        } else {
          assertThat(after.lastAt().orElseThrow()).isAfter(used.get(i));
        }
      }
    }
  }

  private static long[] usedOnceEach(List<IssuedApiKey> keys) {
    try (ControlPlane first = plane(Clock.systemUTC())) {
      keys.forEach(key -> assertThat(isAccepted(first, key)).isTrue());
    }
    long[] counts = keys.stream().mapToLong(key -> usage(key).count()).toArray();
    assertThat(counts).containsOnly(1);
    return counts;
  }

  /** How many calls were accepted with each key; the first one's row was held at the close. */
  private static long[] closedUnderway(ControlPlane closing, List<IssuedApiKey> keys)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
    CountDownLatch warm = new CountDownLatch(THREADS);
    List<Future<long[]>> verifying = new ArrayList<>();
    try (Connection connection = app.getConnection();
        LockWaits waits = new LockWaits(database)) {
      for (int i = 0; i < THREADS; i++) {
        verifying.add(threads.submit(() -> verifyUntilClosed(closing, keys, warm)));
      }
      connection.setAutoCommit(false);
      storage.join(
          CONTEXT,
          connection,
          (tx, c) -> {
            try (Statement statement = c.createStatement()) {
              return statement.executeUpdate(
                  "UPDATE tenantkit.api_keys SET name = 'other' WHERE id = '"
                      + keys.get(0).key().id()
                      + "'");
            }
          });
      Race.await(warm);
      Future<?> close = threads.submit(closing::close);
      assertThat(waits.await(1)).allSatisfy(each -> assertThat(each.query()).contains("add_usage"));
      assertThat(close.isDone()).as("it waits for the row").isFalse();
      assertThat(usage(keys.get(0)).count()).as("nothing is counted yet").isOne();
      connection.commit();
      Race.get(close);
      long[] accepted = new long[keys.size()];
      for (Future<long[]> each : verifying) {
        long[] counted = Race.get(each);
        for (int i = 0; i < accepted.length; i++) {
          accepted[i] += counted[i];
        }
      }
      return accepted;
    } finally {
      threads.shutdownNow();
    }
  }

  private static long[] verifyUntilClosed(
      ControlPlane closing, List<IssuedApiKey> keys, CountDownLatch warm) {
    long[] accepted = new long[keys.size()];
    for (int call = 1; ; call++) {
      int key = call % keys.size();
      try {
        accepted[key] += isAccepted(closing, keys.get(key)) ? 1 : 0;
      } catch (TenantkitException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.CLOSED);
        return accepted;
      }
      if (call == WARM) {
        warm.countDown();
      }
    }
  }
}
