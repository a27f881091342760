package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A process that is killed while it issues loses at most what waited since its last write. */
final class KilledLedgerTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final int TOKENS_AN_INTERVAL = 40;

  @Test
  void atMostOneIntervalIsLostAndRowsAndEventsAreThereTogether() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (HikariDataSource app = database.app(2);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
        ControlPlane plane =
            ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build()) {
      plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
      CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
      long before = 0;
      for (int round = 0; round < 2; round++) {
        Process child =
            WriterProcess.start(Issuer.class, database.childUrl(), database.roles().application());
        List<String> written = WriterProcess.killedAfter(10 + 3 * round, child);
        long acknowledged = Long.parseLong(written.get(written.size() - 1));
        database.awaitChildrenGone();
        long after = stores.tokenLedger().count(CONTEXT, "livekit", LedgerQuery.all());

        // What was being written when it was killed may be there or not, but whole.
        assertThat(after - before).isIn(acknowledged, acknowledged + TOKENS_AN_INTERVAL);
        assertThat(
                stores.audit().list(CONTEXT, null, 100_000).stream()
                    .filter(event -> event.action().equals("livekit.token.issued")))
            .hasSize((int) after);
        before = after;
      }
    }
  }

  /** The process that is killed. */
  static final class Issuer {
    private Issuer() {}

    public static void main(String[] arguments) {
      HikariDataSource pool = new HikariDataSource();
      pool.setJdbcUrl(arguments[0]);
      pool.setUsername(arguments[1]);
      pool.setPassword("unused");
      pool.setMaximumPoolSize(1);
      TickingClock clock = TickingClock.at(Instant.now());
      ControlPlane plane =
          ControlPlane.builder(JdbcStorage.postgresql(pool).open(), VerifyingNode.masterKeys())
              .clock(clock)
              .manualMaintenance()
              .build();
      TokenLedger ledger =
          TokenLedger.of(plane.runtime(), "livekit", entry -> Map.of("jti", entry.id()));
      for (int tokens = TOKENS_AN_INTERVAL; tokens < 1_000_000; tokens += TOKENS_AN_INTERVAL) {
        for (int i = 0; i < TOKENS_AN_INTERVAL; i++) {
          ledger.queue(token(plane, clock.instant()), clock.millis());
        }
        clock.tick(Duration.ofSeconds(1));
        plane.runDue(clock.instant());
        System.out.println(tokens);
        System.out.flush();
      }
    }

    private static LedgerEntry token(ControlPlane plane, Instant now) {
      return new LedgerEntry(
          ACME,
          "livekit",
          Environment.PRODUCTION,
          plane.runtime().ids().next("tok"),
          "ada",
          "hall",
          "standard",
          "roomJoin",
          now,
          now.plusSeconds(60),
          CONTEXT.actor());
    }
  }
}
