package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A change in the host's transaction is seen by nobody before the host commits. Whoever looks in
 * between caches the old row again, so what is evicted at the change must be evicted once more
 * after the commit. The clock stands still: nothing here waits for the revocation bound.
 */
final class JoinedRevocationTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");

  private static HikariDataSource app;
  private static HikariDataSource admin;
  private static JdbcStorage storage;
  private static ControlPlane plane;
  private static ApiKeyManager keys;

  @BeforeAll
  static void open() {
    Cluster.Database database = Cluster.migrated();
    app = database.app(2);
    admin = database.admin(1);
    storage = JdbcStorage.postgresql(app).admin(admin).open();
    plane =
        ControlPlane.builder(storage, masterKeys())
            .clock(TickingClock.at(Instant.parse("2026-11-21T12:00:00Z")))
            .build();
    keys = plane.apiKeys();
    plane.organizations().create(OPERATOR, ACME, "Acme");
  }

  private static MasterKeys masterKeys() {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) 7);
    bytes[0] = 1;
    return MasterKeys.of(MasterKey.of(bytes));
  }

  @AfterAll
  static void close() {
    plane.close();
    storage.close();
    app.close();
    admin.close();
  }

  /** What is done to the key inside the host's transaction. */
  private interface Change {
    void to(TenantContext joined, IssuedApiKey key);
  }

  @Test
  void revokedKeyIsRefusedAtOnceAfterTheHostsCommitAndHook() throws Exception {
    refusedAfterCommit((tx, key) -> keys.revoke(tx, key.key().id(), "leaked"));
  }

  @Test
  void disabledKeyIsRefusedAtOnceAfterTheHostsCommitAndHook() throws Exception {
    refusedAfterCommit((tx, key) -> keys.disable(tx, key.key().id()));
  }

  @Test
  void rotatedKeyIsRefusedAtOnceAfterTheHostsCommitAndHook() throws Exception {
    refusedAfterCommit((tx, key) -> keys.rotate(tx, key.key().id(), Rotation.immediate()));
  }

  private static void refusedAfterCommit(Change change) throws Exception {
    IssuedApiKey issued = keys.create(CONTEXT, NewApiKey.live("x"));
    String key = issued.secret().string(SecretAccess.get());
    assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
    List<Runnable> hooks = new ArrayList<>();

    try (Connection connection = app.getConnection()) {
      connection.setAutoCommit(false);
      storage.join(
          CONTEXT,
          connection,
          hooks::add,
          (tx, c) -> {
            change.to(tx, issued);
            assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
            return null;
          });
      // On the pool's other connection, which still sees the key as it was.
      assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
      connection.commit();
    }
    assertThat(hooks).isNotEmpty();
    hooks.forEach(Runnable::run);

    assertThat(verify(key)).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void suspendedOrganizationsKeyIsRefusedAtOnceAfterTheHostsCommitAndHook() throws Exception {
    OrganizationId initech = OrganizationId.of("initech");
    plane.organizations().create(OPERATOR, initech, "Initech");
    IssuedApiKey issued = keys.create(TenantContext.trusted(initech, "host"), NewApiKey.live("x"));
    String key = issued.secret().string(SecretAccess.get());
    List<Runnable> hooks = new ArrayList<>();

    try (Connection connection = admin.getConnection()) {
      connection.setAutoCommit(false);
      storage.join(
          OPERATOR, connection, hooks::add, (tx, c) -> plane.organizations().suspend(tx, initech));
      assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
      connection.commit();
    }
    hooks.forEach(Runnable::run);

    assertThat(verify(key)).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void revocationThatTheHostRolledBackNeverHappened() throws Exception {
    IssuedApiKey issued = keys.create(CONTEXT, NewApiKey.live("x"));
    String key = issued.secret().string(SecretAccess.get());
    try (Connection connection = app.getConnection()) {
      connection.setAutoCommit(false);
      storage.join(CONTEXT, connection, (tx, c) -> keys.revoke(tx, issued.key().id(), "x"));
      connection.rollback();
    }
    assertThat(verify(key)).isInstanceOf(Verdict.Valid.class);
  }

  private static Verdict verify(String key) {
    return keys.verify(key, ScopeQuery.none());
  }
}
