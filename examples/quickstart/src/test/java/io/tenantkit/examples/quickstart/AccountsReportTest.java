package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitAccounts;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.SettingsImportReport.Line;
import io.tenantkit.livekit.SettingsImportReport.Outcome;
import io.tenantkit.livekit.SharingReport;
import io.tenantkit.livekit.SharingReport.Group;
import io.tenantkit.livekit.SharingReport.Member;
import io.tenantkit.livekit.SharingReport.What;
import io.tenantkit.livekit.TenantSettings;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator is told of several hundred tenants' accounts: more than the storage tells at once. */
class AccountsReportTest {
  private static final Operator OPERATOR = Operator.trusted("setup", "accounts of all tenants");
  private static final List<Environment> ENVIRONMENTS =
      List.of(Environment.PRODUCTION, Environment.STAGING);
  private static final int TENANTS = 320;

  /** Those who have a server and a key of their own, in both environments the same. */
  private static final int ALONE = 20;

  private static final int SERVERS = 100;
  private static final int KEYS = 150;

  /** Every so many have a secret that can be guessed. */
  private static final int SHORT = 25;

  @Test
  void inMemory() {
    try (Storage storage = Storage.inMemory()) {
      theOperatorIsToldOfAll(storage);
    }
  }

  @Test
  void onH2(@TempDir Path folder) {
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("accounts")).open()) {
      theOperatorIsToldOfAll(storage);
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
      try (ReusedConnections application =
              new ReusedConnections(server.getDatabase(roles.application(), "postgres"));
          ReusedConnections admin =
              new ReusedConnections(server.getDatabase(roles.admin(), "postgres"));
          JdbcStorage storage =
              JdbcStorage.postgresql(application.dataSource()).admin(admin.dataSource()).open()) {
        theOperatorIsToldOfAll(storage);
      }
    }
  }

  private static OrganizationId tenant(int number) {
    return OrganizationId.of("tenant-%03d".formatted(number));
  }

  private static boolean isAlone(int number) {
    return number >= TENANTS - ALONE;
  }

  private static String server(int number) {
    return isAlone(number) ? "own-" + number : "shared-" + number % SERVERS;
  }

  private static String key(int number) {
    return isAlone(number) ? "APIown" + number : "APIshared" + number % KEYS;
  }

  private static String secret(int number, Environment environment) {
    String secret = "secret " + number + environment;
    return number % SHORT == 0 ? secret : secret + "-".repeat(32);
  }

  /** The same servers, each written in its own way. */
  private static String url(int number) {
    return switch (number % 3) {
      case 0 -> "wss://" + server(number) + ".example";
      case 1 -> "https://" + server(number).toUpperCase(Locale.ROOT) + ".example:443/";
      default -> "wss://" + server(number) + ".example:443";
    };
  }

  private static void theOperatorIsToldOfAll(Storage storage) {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"));
    try (ControlPlane plane = ControlPlane.builder(storage, keys).manualMaintenance().build();
        SecretValue ours = SecretValue.of("the host's own secret, of good length")) {
      LiveKitAccounts accounts =
          LiveKit.builder(SecretVault.of(plane))
              .hostAccount(LiveKitCredentials.of("wss://host.example", "APIhost", ours))
              .build()
              .accounts();
      assertThat(accounts.host()).isPresent();
      assertThat(accounts.sharing(OPERATOR)).isEqualTo(new SharingReport(List.of(), true));
      assertThat(accounts.readiness(OPERATOR)).isEmpty();

      imported(plane, accounts);

      SharingReport report = accounts.sharing(OPERATOR);
      assertThat(report.isComplete()).isTrue();
      List<Group> expected = new ArrayList<>();
      groups(AccountsReportTest::server).forEach(members -> expected.add(new Group(What.SERVER, members)));
      groups(AccountsReportTest::key).forEach(members -> expected.add(new Group(What.KEY, members)));
      assertThat(expected.stream().mapToInt(group -> group.members().size()).sum())
          .as("more than a page of 1,000")
          .isEqualTo(1_200);
      assertThat(report.shared()).containsExactlyInAnyOrderElementsOf(expected);
      theOperatorIsWarned(accounts);
      whatIsNoMoreSharedIsNotTold(plane, accounts, report);
    }
  }

  private static void imported(ControlPlane plane, LiveKitAccounts accounts) {
    List<TenantSettings> batch = new ArrayList<>();
    for (int i = 0; i < TENANTS; i++) {
      plane.organizations().create(OPERATOR, tenant(i), "Tenant");
      for (Environment environment : ENVIRONMENTS) {
        SecretValue json =
            SecretValue.of(
                "{\"livekit\":{\"server_url\":\"%s\",\"api_key\":\"%s\",\"api_secret\":\"%s\"}}"
                    .formatted(url(i), key(i), secret(i, environment)));
        batch.add(new TenantSettings(tenant(i), environment, json));
      }
    }
    assertThat(accounts.importAll(OPERATOR, batch).lines())
        .hasSize(batch.size())
        .extracting(Line::outcome)
        .containsOnly(Outcome.STORED);
    batch.forEach(each -> each.json().close());
  }

  private interface Shared {
    String of(int number);
  }

  /** Who has the same, by organization and environment. */
  private static List<List<Member>> groups(Shared shared) {
    Map<String, List<Member>> groups = new TreeMap<>();
    for (int i = 0; i < TENANTS - ALONE; i++) {
      for (Environment environment : ENVIRONMENTS) {
        groups
            .computeIfAbsent(shared.of(i), first -> new ArrayList<>())
            .add(new Member(tenant(i), environment));
      }
    }
    return List.copyOf(groups.values());
  }

  /** The first ten by name, and that there are more. */
  private static void theOperatorIsWarned(LiveKitAccounts accounts) {
    List<ReadinessIssue> issues = accounts.readiness(OPERATOR);
    assertThat(issues)
        .extracting(ReadinessIssue::code)
        .containsExactly("livekit.secret-short", "livekit.server-shared");
    assertThat(issues.get(0).message())
        .endsWith(
            "for tenant-000 (PRODUCTION), tenant-000 (STAGING), tenant-025 (PRODUCTION),"
                + " tenant-025 (STAGING), tenant-050 (PRODUCTION), tenant-050 (STAGING),"
                + " tenant-075 (PRODUCTION), tenant-075 (STAGING), tenant-100 (PRODUCTION),"
                + " tenant-100 (STAGING) and others");
    assertThat(issues.toString()).doesNotContain("example").doesNotContain("APIshared");
  }

  private static void whatIsNoMoreSharedIsNotTold(
      ControlPlane plane, LiveKitAccounts accounts, SharingReport before) {
    LiveKit livekit = LiveKit.of(SecretVault.of(plane));
    // Three tenants have server 7: when two of them are gone, nobody shares it.
    for (int number : new int[] {7, 107}) {
      for (Environment environment : ENVIRONMENTS) {
        livekit.disconnect(TenantContext.trusted(tenant(number), "leaving").within(Set.of(environment)));
      }
    }
    List<Group> now = accounts.sharing(OPERATOR).shared();
    assertThat(before.shared())
        .filteredOn(group -> group.what() == What.SERVER && has(group, 7))
        .hasSize(1);
    assertThat(now).noneMatch(group -> has(group, 7) || has(group, 107));
    assertThat(now)
        .filteredOn(group -> has(group, 207))
        .as("which still shares its key")
        .singleElement()
        .satisfies(group -> assertThat(group.what()).isEqualTo(What.KEY));
  }

  private static boolean has(Group group, int number) {
    return group.members().stream().anyMatch(each -> each.organization().equals(tenant(number)));
  }
}
