package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A process that is killed while it counts loses at most what it counted since its last write. */
final class KilledCounterTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final int USES_AN_INTERVAL = 50;

  @Test
  void atMostOneIntervalIsLostAndNothingIsCountedTwice() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (HikariDataSource app = database.app(2);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
        ControlPlane plane =
            ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build()) {
      plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
      IssuedApiKey issued = plane.apiKeys().create(CONTEXT, NewApiKey.live("x"));
      ApiKeyId id = issued.key().id();
      long before = 0;
      for (int round = 0; round < 2; round++) {
        Process child =
            WriterProcess.start(
                Counter.class,
                database.childUrl(),
                database.roles().application(),
                issued.secret().string(SecretAccess.get()));
        List<String> written = WriterProcess.killedAfter(20 + 7 * round, child);
        long acknowledged = Long.parseLong(written.get(written.size() - 1));
        database.awaitChildrenGone();
        long after =
            storage
                .stores(CoreStores.class)
                .orElseThrow()
                .usage()
                .find(CONTEXT, id)
                .orElseThrow()
                .count();

        // What was being written when it was killed may be there or not, but whole.
        assertThat(after - before).isIn(acknowledged, acknowledged + USES_AN_INTERVAL);
        before = after;
      }
    }
  }

  /** The process that is killed. */
  static final class Counter {
    private Counter() {}

    public static void main(String[] arguments) {
      HikariDataSource pool = new HikariDataSource();
      pool.setJdbcUrl(arguments[0]);
      pool.setUsername(arguments[1]);
      pool.setPassword("unused");
      pool.setMaximumPoolSize(1);
      TickingClock clock = TickingClock.at(Instant.parse("2026-11-21T12:00:00Z"));
      ControlPlane plane =
          ControlPlane.builder(JdbcStorage.postgresql(pool).open(), VerifyingNode.masterKeys())
              .clock(clock)
              .manualMaintenance()
              .build();
      for (int uses = USES_AN_INTERVAL; uses < 1_000_000; uses += USES_AN_INTERVAL) {
        for (int i = 0; i < USES_AN_INTERVAL; i++) {
          if (!(plane.apiKeys().verify(arguments[2], ScopeQuery.none()) instanceof Verdict.Valid)) {
            throw new IllegalStateException("the key works");
          }
        }
        clock.tick(Duration.ofSeconds(10));
        plane.runDue(clock.instant());
        System.out.println(uses);
        System.out.flush();
      }
    }
  }
}
