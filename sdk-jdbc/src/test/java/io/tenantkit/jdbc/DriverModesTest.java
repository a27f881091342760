package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The host chooses how its driver talks, and in some of pgjdbc's modes statements that were given
 * together are not one transaction: the tenant's setting is gone before the query runs.
 */
final class DriverModesTest {
  private static final Samples SAMPLES = new Samples();
  private static Cluster.Database database;

  @BeforeAll
  static void migrate() {
    database = Cluster.migrated();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stringtype=unspecified",
        "stringtype=unspecified&prepareThreshold=1",
        "prepareThreshold=0",
        "prepareThreshold=1",
        "preferQueryMode=simple",
        "preferQueryMode=extendedForPrepared",
        "preferQueryMode=extendedCacheEverything",
        "defaultRowFetchSize=1",
        "autosave=always",
        "binaryTransfer=false",
        "readOnlyMode=always"
      })
  void readsSeeTheirTenantsRowsInEveryMode(String options) {
    for (boolean autoCommit : new boolean[] {true, false}) {
      database.clear();
      try (HikariDataSource app = pool(database.roles().application(), options, autoCommit);
          HikariDataSource admin = pool(database.roles().admin(), options, autoCommit)) {
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open();
        seesItsRows(storage.stores(CoreStores.class).orElseThrow());
      }
    }
  }

  private static void seesItsRows(CoreStores stores) {
    OrganizationId id = OrganizationId.of("acme");
    TenantContext context = TenantContext.trusted(id, "test");
    stores
        .organizations()
        .insert(
            Operator.trusted("ops", "test"),
            SAMPLES.organization(id, "Name"),
            SAMPLES.event(id, "created"));
    for (int i = 0; i < 3; i++) {
      stores.apiKeys().insert(context, SAMPLES.key(id, "key_" + i), SAMPLES.event(id, "added"));
    }
    // More often than the driver needs to prepare a statement on the server.
    for (int i = 0; i < 12; i++) {
      assertThat(stores.apiKeys().find(context, ApiKeyId.of("key_1"))).as("find %s", i).isPresent();
      assertThat(stores.apiKeys().list(context, null, 10)).as("list %s", i).hasSize(3);
    }
  }

  private static HikariDataSource pool(String role, String options, boolean autoCommit) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(Cluster.url(database.name()) + "?" + options);
    pool.setUsername(role);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(1);
    pool.setAutoCommit(autoCommit);
    return pool;
  }
}
