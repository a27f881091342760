package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.SettingsImportReport.Line;
import io.tenantkit.livekit.SettingsImportReport.Outcome;
import io.tenantkit.livekit.SharingReport.Group;
import io.tenantkit.livekit.SharingReport.What;
import io.tenantkit.livekit.TenantSettings;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each tenant's LiveKit account is its own, on every storage and over two nodes of one installation. */
class OwnAccountsTest {
  private static final Operator OPERATOR = Operator.trusted("setup", "own accounts");
  private static final String URL = "wss://project.livekit.cloud";
  private static final String SECRET = "0123456789abcdef0123456789CANARY";
  private static final int TENANTS = 8;

  /** The host's own connection, as the application's role. */
  private interface HostConnection {
    Connection open() throws SQLException;
  }

  private static MasterKey masterKey(int seed) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) (seed + 1));
    bytes[0] = (byte) seed;
    return MasterKey.of(bytes);
  }

  @Test
  void inMemory() throws Exception {
    try (Storage storage = Storage.inMemory()) {
      accountsAreKeptApart(storage);
    }
  }

  @Test
  void onH2(@TempDir Path folder) throws Exception {
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("accounts")).open()) {
      accountsAreKeptApart(storage);
      whatTheHostRollsBackIsFree(storage, storage::connection);
    }
  }

  @Test
  void onPostgresql() throws Exception {
    try (EmbeddedPostgres server =
        EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start()) {
      DatabaseRoles roles = DatabaseRoles.defaults();
      try (Connection dba = server.getPostgresDatabase().getConnection();
          Statement statement = dba.createStatement()) {
        statement.execute(roles.script());
      }
      SchemaMigrator.postgresql(server.getDatabase(roles.owner(), "postgres")).migrate();
      DataSource application = server.getDatabase(roles.application(), "postgres");
      try (JdbcStorage storage =
          JdbcStorage.postgresql(application)
              .admin(server.getDatabase(roles.admin(), "postgres"))
              .open()) {
        accountsAreKeptApart(storage);
        whatTheHostRollsBackIsFree(storage, application::getConnection);
        nobodyIsNamedToTheApplicationsRole(application);
      }
    }
  }

  private static void connect(LiveKit livekit, TenantContext context, String url, String key, String secret) {
    try (SecretValue value = SecretValue.of(secret)) {
      livekit.connect(context, LiveKitCredentials.of(url, key, value));
    }
  }

  private static void assertTaken(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CREDENTIALS_TAKEN);
              assertThat(e.getMessage()).doesNotContain("tenant-").doesNotContain("CANARY");
            });
  }

  private static void accountsAreKeptApart(Storage storage) throws Exception {
    MasterKeys first = MasterKeys.of(masterKey(1));
    List<TenantContext> tenants = new ArrayList<>();
    try (ControlPlane here = ControlPlane.builder(storage, first).manualMaintenance().build();
        ControlPlane there = ControlPlane.builder(storage, first).manualMaintenance().build();
        SecretValue hostSecret = SecretValue.of("the host's own secret, of good length")) {
      for (int i = 0; i < TENANTS; i++) {
        OrganizationId id = OrganizationId.of("tenant-" + i);
        here.organizations().create(OPERATOR, id, "Tenant");
        tenants.add(TenantContext.trusted(id, "test"));
      }
      SecretVault vault = SecretVault.of(here);
      LiveKit onHere =
          LiveKit.builder(vault)
              .hostAccount(LiveKitCredentials.of(URL, "APIhost", hostSecret))
              .build();
      LiveKit onThere = LiveKit.of(SecretVault.of(there));

      List<Boolean> won =
          race(
              tenants,
              (i, tenant) -> {
                try {
                  connect(i % 2 == 0 ? onHere : onThere, tenant, URL, "APIone", SECRET);
                  return true;
                } catch (TenantkitException e) {
                  assertThat(e.code()).isEqualTo(ErrorCode.CREDENTIALS_TAKEN);
                  return false;
                }
              });
      assertThat(won).containsOnlyOnce(true);
      TenantContext owner = tenants.get(won.indexOf(true));
      for (TenantContext tenant : tenants) {
        assertThat(onThere.connection(tenant).isPresent()).isEqualTo(tenant.equals(owner));
      }
      TenantContext other = tenants.get((won.indexOf(true) + 1) % TENANTS);
      assertTaken(() -> connect(onHere, other, "https://PROJECT.livekit.cloud:443/", "APIx", SECRET));
      assertTaken(() -> connect(onHere, other, URL, "APIhost", "guessed"));
      connect(onHere, other, URL, "APIone", "another secret, of its own and of good length");
      onThere.tokens().issue(other, ParticipantToken.join("room", "ada")).close();

      pastConnectTheyAreRefusedOnUse(vault, onThere, other);
      theOperatorSees(onHere, owner, other);

      VaultKeys.of(vault).eraseOrganization(OPERATOR, owner.organization());
      connect(onThere, other, URL, "APIone", SECRET);
      assertTaken(() -> connect(onHere, tenants.get((tenants.indexOf(other) + 1) % TENANTS), URL, "APIone", SECRET));
    }
    theMasterKeyIsReplaced(storage);
  }

  private static void pastConnectTheyAreRefusedOnUse(
      SecretVault vault, LiveKit livekit, TenantContext other) {
    SecretRef ref = SecretRef.of("livekit", Environment.PRODUCTION, "server");
    try (SecretValue url = SecretValue.of(URL);
        SecretValue key = SecretValue.of("APIone");
        SecretValue secret = SecretValue.of(SECRET)) {
      vault.put(
          other,
          ref,
          NewSecret.of("livekit", Map.of("server_url", url, "api_key", key, "api_secret", secret)));
    }
    LiveKit fresh = LiveKit.of(vault);
    assertTaken(() -> fresh.tokens().issue(other, ParticipantToken.join("room", "ada")));
    vault.rollBack(other, ref);
    fresh.tokens().issue(other, ParticipantToken.join("room", "ada")).close();
    assertThat(livekit.serverKeys().owners("APIone", null, 10)).hasSize(2);
  }

  private static void theOperatorSees(LiveKit livekit, TenantContext owner, TenantContext other) {
    assertThat(livekit.accounts().sharing(OPERATOR).shared())
        .extracting(Group::what)
        .containsExactlyInAnyOrder(What.SERVER, What.KEY);
    assertThat(livekit.accounts().readiness(OPERATOR))
        .extracting(ReadinessIssue::code)
        .containsExactly("livekit.server-shared");
    try (SecretValue same =
        SecretValue.of(
            "{\"livekit\":{\"server_url\":\"" + URL + "\",\"api_key\":\"APIone\",\"api_secret\":\"" + SECRET + "\"}}")) {
      assertThat(
              livekit
                  .accounts()
                  .importAll(
                      OPERATOR,
                      List.of(
                          TenantSettings.of(owner.organization(), same),
                          TenantSettings.of(other.organization(), same)))
                  .lines())
          .extracting(Line::outcome)
          .containsExactly(Outcome.UNCHANGED, Outcome.DIFFERS);
    }
  }

  private static void theMasterKeyIsReplaced(Storage storage) {
    String url = "wss://rotated.example";
    try (ControlPlane before =
        ControlPlane.builder(storage, MasterKeys.of(masterKey(1))).manualMaintenance().build()) {
      TenantContext fresh = fresh(before, "rotating");
      connect(LiveKit.of(SecretVault.of(before)), fresh, url, "APIr", "a secret before the rotation");
    }
    try (ControlPlane moving =
        ControlPlane.builder(storage, MasterKeys.of(masterKey(2), masterKey(1))).manualMaintenance().build()) {
      VaultKeys keys = VaultKeys.of(SecretVault.of(moving));
      keys.rewrapMasterKey(OPERATOR);
      // The keys that sign the trail are wrapped anew before they sign next.
      moving.runDue(Instant.now());
      keys.retireMasterKey(OPERATOR, masterKey(1).id());
    }
    try (ControlPlane after =
        ControlPlane.builder(storage, MasterKeys.of(masterKey(2))).manualMaintenance().build()) {
      LiveKit livekit = LiveKit.of(SecretVault.of(after));
      TenantContext rotated = TenantContext.trusted(OrganizationId.of("rotating"), "test");
      livekit.tokens().issue(rotated, ParticipantToken.join("room", "ada")).close();
      connect(livekit, rotated, url, "APIr", "a secret before the rotation");
      TenantContext thief = fresh(after, "thief");
      assertTaken(() -> connect(livekit, thief, url, "APIr", "a secret before the rotation"));
    }
  }

  private static TenantContext fresh(ControlPlane plane, String id) {
    plane.organizations().create(OPERATOR, OrganizationId.of(id), id);
    return TenantContext.trusted(OrganizationId.of(id), "test");
  }

  private static void whatTheHostRollsBackIsFree(JdbcStorage storage, HostConnection host)
      throws Exception {
    try (ControlPlane plane =
        ControlPlane.builder(storage, MasterKeys.of(masterKey(2))).manualMaintenance().build()) {
      LiveKit livekit = LiveKit.of(SecretVault.of(plane));
      TenantContext one = fresh(plane, "joined-one");
      TenantContext two = fresh(plane, "joined-two");
      try (Connection connection = host.open()) {
        connection.setAutoCommit(false);
        storage.join(
            one,
            connection,
            (joined, sameConnection) -> {
              connect(livekit, joined, URL, "APIjoined", "a secret in a transaction");
              return true;
            });
        connection.rollback();
      }
      assertThat(livekit.connection(one)).isEmpty();
      try (Connection connection = host.open()) {
        connection.setAutoCommit(false);
        List<Runnable> after = new ArrayList<>();
        storage.join(
            two,
            connection,
            after::add,
            (joined, sameConnection) -> {
              connect(livekit, joined, URL, "APIjoined", "a secret in a transaction");
              return true;
            });
        connection.commit();
        after.forEach(Runnable::run);
      }
      assertThat(livekit.connection(two)).isPresent();
      assertTaken(() -> connect(livekit, one, URL, "APIjoined", "a secret in a transaction"));
    }
  }

  /** Beyond its own rows the role reads nothing, and asks only by a mark. */
  private static void nobodyIsNamedToTheApplicationsRole(DataSource application) throws SQLException {
    try (Connection connection = application.getConnection();
        Statement statement = connection.createStatement()) {
      for (String table : List.of("credential_marks", "credential_holders")) {
        try (ResultSet rows =
            statement.executeQuery("SELECT count(*) FROM tenantkit." + table)) {
          rows.next();
          assertThat(rows.getLong(1)).as(table).isZero();
        }
      }
    }
  }

  private interface Entrant {
    boolean run(int number, TenantContext tenant);
  }

  private static List<Boolean> race(List<TenantContext> tenants, Entrant entrant) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tenants.size());
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Boolean>> answers = new ArrayList<>();
      for (int i = 0; i < tenants.size(); i++) {
        int number = i;
        Callable<Boolean> call =
            () -> {
              start.await();
              return entrant.run(number, tenants.get(number));
            };
        answers.add(threads.submit(call));
      }
      start.countDown();
      List<Boolean> won = new ArrayList<>();
      for (Future<Boolean> answer : answers) {
        won.add(answer.get(2, TimeUnit.MINUTES));
      }
      return won;
    } finally {
      threads.shutdownNow();
    }
  }
}
