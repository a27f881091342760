package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.ImportedKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.jdbc.CutOffRelay.Cut;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection to a real PostgreSQL is cut around COMMIT; each call finds out what happened. */
final class LostCommitTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");

  private static Cluster.Database database;
  private static CutOffRelay relay;
  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static ControlPlane plane;

  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private ApiKeyManager keys;

  @BeforeAll
  static void open() throws Exception {
    database = Cluster.migrated();
    relay = new CutOffRelay(Cluster.port());
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:postgresql://localhost:" + relay.port() + "/" + database.name());
    // Else the driver sends COMMIT by the name of a prepared statement, which the relay cannot
    // read.
    config.addDataSourceProperty("prepareThreshold", "0");
    config.setUsername(database.roles().application());
    config.setPassword("unused");
    config.setMaximumPoolSize(2);
    app = new HikariDataSource(config);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(bytes)))
            .manualMaintenance()
            .build();
  }

  @AfterAll
  static void close() throws Exception {
    plane.close();
    storage.close();
    app.close();
    admin.close();
    relay.close();
  }

  @BeforeEach
  void empty() {
    database.clear();
    keys = plane.apiKeys();
    plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
  }

  @ParameterizedTest
  @EnumSource(
      value = Cut.class,
      names = {"BEFORE_COMMIT", "AFTER_COMMIT"})
  void everyChangeIsDoneOnceAndAnswered(Cut cut) {
    int before = relay.cuts();
    relay.arm(cut);
    IssuedApiKey created = keys.create(acme, NewApiKey.live("x"));
    assertValid(created);
    relay.arm(cut);
    ApiKey disabled = keys.disable(acme, created.key().id());
    assertThat(keys.get(acme, disabled.id())).isEqualTo(disabled);
    relay.arm(cut);
    keys.enable(acme, created.key().id());
    relay.arm(cut);
    IssuedApiKey next = keys.rotate(acme, created.key().id(), Rotation.immediate());
    assertValid(next);
    relay.arm(cut);
    keys.revoke(acme, next.key().id(), "leaked");
    relay.arm(cut);
    keys.importKey(acme, ImportedKey.live("x", Samples.hash("foreign").hex()));
    NewApiKey repeated = NewApiKey.live("x").idempotencyId("1");
    relay.arm(cut);
    keys.create(acme, repeated);
    relay.arm(cut);
    IssuedApiKey again = keys.create(acme, repeated);

    assertValid(again);
    assertThat(relay.cuts() - before).isEqualTo(8);
    assertThat(again.key().version()).isEqualTo(2);
    assertThat(keys.list(acme, PageRequest.first(10)).items()).hasSize(4);
    assertThat(actions())
        .containsExactly(
            "api_key.created",
            "api_key.disabled",
            "api_key.enabled",
            "api_key.rotated",
            "api_key.revoked",
            "api_key.imported",
            "api_key.created",
            "api_key.reissued");
  }

  private void assertValid(IssuedApiKey issued) {
    assertThat(keys.verify(issued.secret().string(SecretAccess.get()), ScopeQuery.none()))
        .isInstanceOf(Verdict.Valid.class);
  }

  private List<String> actions() {
    return plane.audit().list(acme, PageRequest.first(100)).items().stream()
        .filter(event -> event.targetType().equals("api_key"))
        .map(AuditEvent::action)
        .toList();
  }
}
