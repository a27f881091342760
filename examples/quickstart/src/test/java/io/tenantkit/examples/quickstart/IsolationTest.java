package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ErrorCode;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ImportedKey;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.SeededKeys;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.jdbc.HostCredentialTable;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.TokenQuery;
import io.tenantkit.livekit.agent.AgentEnvironment;
import io.tenantkit.livekit.agent.AgentProcesses;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretChange;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.Sharing;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.usage.OverdueRotations;
import io.tenantkit.vault.usage.ReportedUnits;
import io.tenantkit.vault.usage.UsageQuery;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every public method that takes a tenant's context, called with another tenant's ids: it answers as for an unknown id,
 * shows nothing of the other tenant and changes nothing of it, on every storage. A method that is missing here fails the
 * test, so that none is forgotten.
 */
final class IsolationTest {
  /** One call; what it answers, or throws, is compared. */
  interface Call {
    Object with(TwoTenants house, TwoTenants.Ids ids) throws Exception;
  }

  /** A host's own table, without row level security: what is asked must name the tenant. */
  private static final String LEGACY_TABLE =
      """
      CREATE TABLE legacy_credentials (
        id varchar(64) PRIMARY KEY, organization_id varchar(255) NOT NULL,
        kind varchar(64) NOT NULL, token varchar(4096), imported boolean NOT NULL)""";

  private static final String LEGACY_ROWS =
      """
      INSERT INTO legacy_credentials VALUES
        ('acme-canary', 'acme', 'legacy', 'acme-canary', FALSE),
        ('globex', 'globex', 'legacy', 'globex', FALSE)""";

  private static final Map<String, Call> CALLS = new LinkedHashMap<>();

  /** Shown elsewhere, each by the test that is named. */
  private static final Map<String, String> ELSEWHERE = new LinkedHashMap<>();

  static {
    ELSEWHERE.putAll(
        Map.of(
            "JdbcStorage.join(TenantContext,Connection,JoinedWork)", "JoinTest",
            "JdbcStorage.join(TenantContext,Connection,Consumer,JoinedWork)", "JoinTest",
            "JdbcStorage.inTenant(TenantContext,ConnectionWork)", "HostSqlTest",
            "JdbcStorage.inTenant(TenantContext,JoinedWork)", "HostSqlTest",
            "JoinedWork.run(Object,Connection)", "not a call of ours",
            "IntegrationListener.ended(TenantContext,Integration)", "not a call of ours",
            "RoomRule.allows(TenantContext,String)", "not a call of ours",
            "TokenPolicies.policy(TenantContext,Organization)", "not a call of ours"));
    ELSEWHERE.put("LiveKitEventListener.on(TenantContext,LiveKitEvent)", "not a call of ours");
    ELSEWHERE.put("ParticipantMinutes.perDay(TenantContext,LocalDate,LocalDate)", "WebhookNodesTest");
    ELSEWHERE.put("LiveKit.check(TenantContext)", "ConnectionCheckTest");
    ELSEWHERE.put("PresignedLiveKit.builder(TenantContext,ServerUrl,SecretValue)", "PresignedLiveKitTest");
    // On real servers, one for each tenant, and there none of them can be forgotten either.
    TenantMethods.all().stream()
        .filter(name -> name.matches("(LiveKitRooms|AgentDispatches|LiveKitSessions)\\..*"))
        .forEach(name -> ELSEWHERE.put(name, "RealRoomsTest"));
    TenantMethods.all().stream()
        .filter(name -> name.matches("LiveKit(Egress|Ingress|Sip|SdkCalls)\\..*"))
        .forEach(name -> ELSEWHERE.put(name, "RealMediaTest"));
    // Who is kept out of whose rooms is seen on the servers' side too.
    TenantMethods.all().stream()
        .filter(name -> name.startsWith("LiveKitRevocations."))
        .forEach(name -> ELSEWHERE.put(name, "RevocationTest"));
    TenantMethods.all().stream()
        .filter(name -> name.startsWith("TokenLedger."))
        .forEach(name -> ELSEWHERE.put(name, "TokenLedgerStoreContract"));
  }

  static {
    IntegrationCalls.all().forEach((name, call) -> CALLS.put(name, call::apply));
    CALLS.putAll(VaultCalls.thatName());
    CALLS.putAll(WebhookCalls.all());
    CALLS.put(
        "ApiKeyManager.create(TenantContext,NewApiKey)",
        (h, ids) -> {
          h.keys().create(h.globex(), NewApiKey.live("another")).close();
          return "created";
        });
    CALLS.put(
        "ApiKeyManager.get(TenantContext,ApiKeyId)", (h, ids) -> h.keys().get(h.globex(), ids.key()));
    CALLS.put(
        "ApiKeyManager.list(TenantContext,PageRequest)",
        (h, ids) -> everyPage(ids, page -> h.keys().list(h.globex(), page)));
    CALLS.put(
        "ApiKeyManager.enable(TenantContext,ApiKeyId)",
        (h, ids) -> h.keys().enable(h.globex(), ids.key()));
    CALLS.put(
        "ApiKeyManager.disable(TenantContext,ApiKeyId)",
        (h, ids) -> h.keys().disable(h.globex(), ids.key()));
    CALLS.put(
        "ApiKeyManager.revoke(TenantContext,ApiKeyId,String)",
        (h, ids) -> h.keys().revoke(h.globex(), ids.key(), "not mine"));
    CALLS.put(
        "ApiKeyManager.rotate(TenantContext,ApiKeyId,Rotation)",
        (h, ids) -> h.keys().rotate(h.globex(), ids.key(), Rotation.immediate()));
    CALLS.put(
        "ApiKeyManager.importKey(TenantContext,ImportedKey)",
        (h, ids) -> h.keys().importKey(h.globex(), ImportedKey.live("taken", ids.hash())));
    CALLS.put(
        "ApiKeyManager.importKeys(TenantContext,List)",
        (h, ids) ->
            h.keys().importKeys(h.globex(), List.of(ImportedKey.live("taken", ids.hash()))));
    CALLS.put(
        "SeededKeys.createIfAbsent(TenantContext,NewApiKey)",
        (h, ids) -> {
          new SeededKeys(h.plane().runtime()).createIfAbsent(h.globex(), NewApiKey.live("seed"));
          return "seeded";
        });
    CALLS.put(
        "SeededKeys.importIfAbsent(TenantContext,NewApiKey,KeyHash)",
        (h, ids) ->
            new SeededKeys(h.plane().runtime())
                .importIfAbsent(
                    h.globex(), NewApiKey.live("taken"), KeyHash.parse(ids.hash())));
    CALLS.put(
        "ApiKeyManager.unused(TenantContext,Instant,PageRequest)",
        (h, ids) -> everyPage(ids, page -> h.keys().unused(h.globex(), h.unusedSince(), page)));
    CALLS.put(
        "ApiKeyManager.revokeUnused(TenantContext,Instant,String)",
        (h, ids) -> {
          h.keys().revokeUnused(h.globex(), h.unusedSince(), "not used");
          return "revoked";
        });
    CALLS.put(
        "Organizations.get(TenantContext)", (h, ids) -> h.plane().organizations().get(h.globex()));
    CALLS.put(
        "Teams.create(TenantContext,String)",
        (h, ids) -> h.plane().teams().create(h.globex(), "Team of globex " + ids.team()).version());
    CALLS.put(
        "Teams.rename(TenantContext,TeamId,String)",
        (h, ids) -> h.plane().teams().rename(h.globex(), ids.team(), "Mine"));
    CALLS.put(
        "Teams.get(TenantContext,TeamId)", (h, ids) -> h.plane().teams().get(h.globex(), ids.team()));
    CALLS.put(
        "Teams.list(TenantContext,PageRequest)",
        (h, ids) -> everyPage(ids, page -> h.plane().teams().list(h.globex(), page)));
    CALLS.put(
        "Teams.delete(TenantContext,TeamId)",
        (h, ids) -> {
          h.plane().teams().delete(h.globex(), ids.team());
          return "deleted";
        });
    CALLS.put(
        "Teams.addMember(TenantContext,TeamId,Actor)",
        (h, ids) ->
            h.plane().teams().addMember(h.globex(), ids.team(), new Actor(Actor.Kind.USER, "eve")));
    CALLS.put(
        "Teams.removeMember(TenantContext,TeamId,Actor)",
        (h, ids) ->
            h.plane()
                .teams()
                .removeMember(h.globex(), ids.team(), new Actor(Actor.Kind.USER, TwoTenants.CANARY)));
    CALLS.put(
        "Teams.members(TenantContext,TeamId)",
        (h, ids) -> h.plane().teams().members(h.globex(), ids.team()));
    CALLS.put(
        "Teams.teamsOf(TenantContext,Actor)",
        (h, ids) ->
            h.plane().teams().teamsOf(h.globex(), new Actor(Actor.Kind.USER, TwoTenants.CANARY)));
    CALLS.put(
        "AuditLog.list(TenantContext,PageRequest)",
        (h, ids) -> everyPage(ids, page -> h.plane().audit().list(h.globex(), page)));
    CALLS.put(
        "AuditLog.records(TenantContext,PageRequest)",
        (h, ids) -> everyPage(ids, page -> h.plane().audit().records(h.globex(), page)));
    CALLS.put(
        "AuditLog.verify(TenantContext)",
        (h, ids) -> {
          ChainVerification found = h.plane().audit().verify(h.globex());
          return found.getClass().getSimpleName() + " of " + found.organization();
        });
    CALLS.put(
        "AuditLog.verify(TenantContext,AuditCheckpoint)",
        (h, ids) -> h.plane().audit().verify(h.globex(), ids.checkpoint()));
    CALLS.put(
        "AuditLog.export(TenantContext,long,long,Appendable)",
        (h, ids) -> {
          StringBuilder lines = new StringBuilder();
          h.plane().audit().export(h.globex(), 0, Long.MAX_VALUE, lines);
          assertThat(lines).contains("globex");
          return ownRows(lines.toString());
        });
    CALLS.put(
        "SecretVault.use(TenantContext,SecretRef,String,SecretUse)",
        (h, ids) -> h.vault().use(h.globex(), ids.ref(), "not mine", value -> "used"));
    CALLS.put(
        "SecretVault.useFields(TenantContext,SecretRef,Purpose,SecretUse)",
        (h, ids) ->
            h.vault().useFields(h.globex(), ids.ref(), Purpose.of("not mine"), value -> "used"));
    CALLS.put(
        "SecretVault.reveal(TenantContext,SecretRef)",
        (h, ids) -> h.vault().reveal(h.globex(), ids.ref()));
    CALLS.put(
        "SecretVault.reveal(TenantContext,SecretRef,long)",
        (h, ids) -> h.vault().reveal(h.globex(), ids.ref(), 1));
    CALLS.put(
        "SecretVault.get(TenantContext,SecretRef)",
        (h, ids) -> h.vault().get(h.globex(), ids.ref()));
    CALLS.put(
        "SecretVault.versions(TenantContext,SecretRef)",
        (h, ids) -> h.vault().versions(h.globex(), ids.ref()));
    CALLS.put(
        "SecretVault.share(TenantContext,SecretRef,Sharing)",
        (h, ids) -> h.vault().share(h.globex(), ids.ref(), Sharing.withOrganization()));
    CALLS.put(
        "SecretVault.sharing(TenantContext,SecretRef)",
        (h, ids) -> h.vault().sharing(h.globex(), ids.ref()));
    CALLS.put(
        "SecretVault.list(TenantContext,PageRequest)",
        (h, ids) -> everyPage(ids, page -> h.vault().list(h.globex(), page)));
    CALLS.put(
        "SecretVault.useFields(TenantContext,SecretRef,Stage,Purpose,SecretUse)",
        (h, ids) -> h.vault().useFields(h.globex(), ids.ref(), Stage.CURRENT, Purpose.of("not mine"), value -> "used"));
    CALLS.put(
        "SecretVault.useFields(TenantContext,SecretRef,long,Purpose,SecretUse)",
        (h, ids) -> h.vault().useFields(h.globex(), ids.ref(), 1, Purpose.of("not mine"), value -> "used"));
    CALLS.put(
        "SecretVault.reveal(TenantContext,SecretRef,Stage)",
        (h, ids) -> h.vault().reveal(h.globex(), ids.ref(), Stage.CURRENT));
    CALLS.put(
        "SecretVault.getAll(TenantContext,Collection)",
        (h, ids) -> h.vault().getAll(h.globex(), List.of(ids.ref())).size());
    CALLS.put(
        "SecretVault.search(TenantContext,SecretQuery,PageRequest)",
        (h, ids) -> everyPage(ids, page -> h.vault().search(h.globex(), SecretQuery.all(), page)));
    CALLS.put(
        "SecretVault.update(TenantContext,SecretRef,SecretChange)",
        (h, ids) -> h.vault().update(h.globex(), ids.ref(), SecretChange.none().withText("mine")));
    CALLS.put(
        "SecretVault.promote(TenantContext,SecretRef,long)",
        (h, ids) -> h.vault().promote(h.globex(), ids.ref(), 1));
    CALLS.put(
        "SecretVault.deleteVersion(TenantContext,SecretRef,long)",
        (h, ids) -> h.vault().deleteVersion(h.globex(), ids.ref(), 1));
    CALLS.put(
        "SecretVault.undeleteVersion(TenantContext,SecretRef,long)",
        (h, ids) -> h.vault().undeleteVersion(h.globex(), ids.ref(), 1));
    CALLS.put(
        "SecretVault.destroyVersion(TenantContext,SecretRef,long)",
        (h, ids) -> h.vault().destroyVersion(h.globex(), ids.ref(), 1));
    CALLS.put(
        "SecretVault.rollBack(TenantContext,SecretRef)",
        (h, ids) -> h.vault().rollBack(h.globex(), ids.ref()));
    CALLS.put(
        "SecretVault.retire(TenantContext,SecretRef)",
        (h, ids) -> h.vault().retire(h.globex(), ids.ref()));
    CALLS.put(
        "SecretUsage.list(TenantContext,UsageQuery,PageRequest)",
        (h, ids) ->
            h.usage()
                .list(
                    h.globex(),
                    UsageQuery.by(UsageQuery.By.DAY, Instant.EPOCH, h.ever()).of(ids.secret().id()),
                    PageRequest.first(100)));
    CALLS.put(
        "SecretUsage.times(TenantContext,SecretId)",
        (h, ids) -> h.usage().times(h.globex(), ids.secret().id()));
    CALLS.put(
        "SecretUsage.costs(TenantContext,Instant,Instant,Optional,PageRequest)",
        (h, ids) ->
            h.usage()
                .costs(
                    h.globex(),
                    Instant.EPOCH,
                    h.ever(),
                    Optional.of(ids.secret().id()),
                    PageRequest.first(100)));
    CALLS.put(
        "SecretUsage.costs(TenantContext,Instant,Instant,IntegrationId,PageRequest)",
        (h, ids) ->
            h.usage()
                .costs(
                    h.globex(),
                    Instant.EPOCH,
                    h.ever(),
                    ids.integration(),
                    PageRequest.first(100)));
    CALLS.put(
        "SecretUsage.reportUnits(TenantContext,IntegrationId,ReportedUnits)",
        (h, ids) -> {
          h.usage().reportUnits(h.globex(), ids.integration(), ReportedUnits.of("calls", 1));
          return "reported";
        });
    CALLS.put(
        "SecretUsage.findings(TenantContext,Instant,Instant,PageRequest)",
        (h, ids) ->
            h.usage().findings(h.globex(), Instant.EPOCH, h.ever(), PageRequest.first(100)));
    CALLS.put(
        "SecretUsage.reportUnits(TenantContext,Secret,ReportedUnits)",
        (h, ids) -> {
          h.usage().reportUnits(h.globex(), ids.secret(), ReportedUnits.of("calls", 1));
          return "reported";
        });
    CALLS.put(
        "SecretUsage.reportUnits(TenantContext,SecretRef,ReportedUnits)",
        (h, ids) -> {
          h.usage().reportUnits(h.globex(), ids.ref(), ReportedUnits.of("calls", 1));
          return "reported";
        });
    CALLS.put(
        "SecretUses.used(TenantContext,Secret,Map)",
        (h, ids) -> {
          h.vault().uses().used(h.globex(), ids.secret(), Map.of());
          return "nothing";
        });
    CALLS.put(
        "SecretUses.refused(TenantContext,SecretRef,Optional,Map,TenantkitException)",
        (h, ids) -> {
          h.vault()
              .uses()
              .refused(
                  h.globex(),
                  ids.ref(),
                  Optional.of(ids.secret()),
                  Map.of(),
                  new TenantkitException(ErrorCode.SECRET_EXPIRED, "expired"));
          return "nothing";
        });
    CALLS.put(
        "ComplianceReport.write(TenantContext,Instant,Instant,Sink)",
        (h, ids) -> {
          StringBuilder lines = new StringBuilder();
          h.report().write(h.globex(), Instant.EPOCH, h.ever(), lines::append);
          return ownReport(lines.toString());
        });
    CALLS.put(
        "ComplianceReport.json(TenantContext,Instant,Instant,Appendable)",
        (h, ids) -> {
          StringBuilder json = new StringBuilder();
          h.report().json(h.globex(), Instant.EPOCH, h.ever(), json);
          return ownReport(json.toString());
        });
    CALLS.put(
        "ComplianceReport.text(TenantContext,Instant,Instant,Appendable)",
        (h, ids) -> {
          StringBuilder text = new StringBuilder();
          h.report().text(h.globex(), Instant.EPOCH, h.ever(), text);
          return ownReport(text.toString());
        });
    CALLS.put(
        "ComplianceReport.lines(TenantContext,Instant,Instant,int)",
        (h, ids) ->
            ownReport(
                h.report().lines(h.globex(), Instant.EPOCH, h.ever(), 10_000).toString()));
    CALLS.put(
        "OverdueRotations.overdue(TenantContext,Instant,PageRequest)",
        (h, ids) ->
            OverdueRotations.olderThan(h.vault(), Duration.ofMillis(1))
                .overdue(h.globex(), h.ever(), PageRequest.first(100)));
    CALLS.put(
        "SecretVault.delete(TenantContext,SecretRef)",
        (h, ids) -> h.vault().delete(h.globex(), ids.ref()));
    CALLS.put(
        "SecretVault.undelete(TenantContext,SecretRef)",
        (h, ids) -> h.vault().undelete(h.globex(), ids.ref()));
    CALLS.put(
        "SecretVault.destroy(TenantContext,SecretRef)",
        (h, ids) -> {
          h.vault().destroy(h.globex(), ids.ref());
          return "destroyed";
        });
    // After all that look for a secret of that name.
    CALLS.putAll(VaultCalls.thatPut());
    CALLS.put(
        "SecretVault.put(TenantContext,SecretRef,SecretValue)",
        (h, ids) -> {
          h.vault().put(h.globex(), ids.ref(), SecretValue.of("mine"));
          return "put";
        });
    CALLS.put(
        "SecretVault.put(TenantContext,SecretRef,NewSecret)",
        (h, ids) -> {
          h.vault().put(h.globex(), ids.ref(), NewSecret.of(SecretValue.of("mine")).onlyNew());
          return "put";
        });
    CALLS.put(
        "SecretVault.putAll(TenantContext,Map)",
        (h, ids) -> {
          h.vault().putAll(h.globex(), Map.of(ids.ref(), NewSecret.of(SecretValue.of("mine"))));
          return "put";
        });
    CALLS.put(
        "LiveKit.connect(TenantContext,LiveKitCredentials)",
        (h, ids) -> {
          try (SecretValue secret = SecretValue.of("globex-0123456789-0123456789-0123456789")) {
            h.livekit()
                .connect(h.globex(), LiveKitCredentials.of("wss://globex.test", "globex", secret));
          }
          return "connected";
        });
    CALLS.put(
        "LiveKit.connect(TenantContext,LiveKitCredentials,Duration)",
        (h, ids) -> {
          try (SecretValue secret = SecretValue.of("globex-0123456789-0123456789-0123456789")) {
            h.livekit()
                .connect(
                    h.globex(), LiveKitCredentials.of("wss://globex.test", "globex", secret), Duration.ofHours(1));
          }
          return "connected";
        });
    CALLS.put(
        "LiveKit.importSettings(TenantContext,SecretValue)",
        (h, ids) -> {
          try (SecretValue json =
              SecretValue.of(
                  "{\"livekit\":{\"server_url\":\"wss://globex.test\",\"api_key\":\"globex\","
                      + "\"api_secret\":\"globex-0123456789-0123456789-0123456789\"}}")) {
            return h.livekit().importSettings(h.globex(), json).apiKey();
          }
        });
    CALLS.put(
        "LiveKit.disconnect(TenantContext)",
        (h, ids) -> {
          h.livekit().disconnect(h.globex());
          try (SecretValue secret = SecretValue.of("globex-0123456789-0123456789-0123456789")) {
            h.livekit()
                .connect(h.globex(), LiveKitCredentials.of("wss://globex.test", "globex", secret));
          }
          return "disconnected";
        });
    CALLS.put(
        "LiveKit.connection(TenantContext)",
        (h, ids) -> h.livekit().connection(h.globex()).orElseThrow().apiKey());
    CALLS.put(
        "LiveKitTokenIssuer.issue(TenantContext,TokenRequest)",
        (h, ids) -> {
          h.livekit().tokens().issue(h.globex(), ParticipantToken.join("standup", "eve")).close();
          return "issued";
        });
    CALLS.put(
        "LiveKitTokenIssuer.verify(TenantContext,String)",
        (h, ids) -> h.livekit().tokens().verify(h.globex(), ids.jwt()));
    CALLS.put(
        "LiveKitTokenIssuer.issued(TenantContext,TokenQuery,PageRequest)",
        (h, ids) ->
            everyPage(
                ids, page -> h.livekit().tokens().issued(h.globex(), TokenQuery.all(), page)));
    CALLS.put(
        "LiveKitTokenIssuer.count(TenantContext,TokenQuery)",
        (h, ids) -> h.livekit().tokens().count(h.globex(), TokenQuery.all().of(TwoTenants.CANARY)));
    CALLS.put(
        "AgentProcesses.environment(TenantContext,String)",
        (h, ids) -> {
          try (AgentEnvironment environment =
              AgentProcesses.of(h.livekit()).environment(h.globex(), "start")) {
            return environment.toString();
          }
        });
    CALLS.put(
        "AgentProcesses.process(TenantContext,String,List)",
        (h, ids) ->
            new TreeMap<>(
                AgentProcesses.of(h.livekit())
                    .process(h.globex(), "start", List.of("env"))
                    .environment()));
    CALLS.putAll(VaultCalls.thatTurnKeys());
  }

  /** A list from its beginning and from a place in the other tenant's. */
  static Object everyPage(
      TwoTenants.Ids ids, Function<PageRequest, Page<?>> list) {
    PageRequest first = PageRequest.first(1_000);
    String cursor =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(ids.cursor().getBytes(StandardCharsets.UTF_8));
    String all = list.apply(first).items().toString();
    assertThat(all).contains("globex");
    assertThat(answer(() -> list.apply(first.after(cursor)).items())).doesNotContain(TwoTenants.CANARY);
    return ownRows(all);
  }

  /** The trail grows by the calls before; how much is not what is compared. */
  static String ownRows(String all) {
    return all.contains(TwoTenants.CANARY) ? all : "own rows only";
  }

  private static Object ownReport(String all) {
    assertThat(all).contains("globex");
    return ownRows(all);
  }

  @Test
  void everyMethodThatTakesATenantIsHere() {
    TreeSet<String> missing = new TreeSet<>(TenantMethods.all());
    missing.removeAll(CALLS.keySet());
    missing.removeAll(ELSEWHERE.keySet());
    assertThat(missing).as("methods without a case").isEmpty();
    TreeSet<String> gone = new TreeSet<>(CALLS.keySet());
    gone.removeAll(TenantMethods.all());
    assertThat(gone).as("cases without a method").isEmpty();
  }

  @Test
  void inMemory() {
    try (InMemoryStorage storage = InMemoryStorage.create()) {
      answersAsForAnUnknownId(new TwoTenants(storage));
    }
  }

  @Test
  void onH2(@TempDir Path folder) throws Exception {
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("isolation")).open()) {
      try (Connection connection = storage.connection();
          Statement statement = connection.createStatement()) {
        statement.execute(LEGACY_TABLE);
        statement.execute(LEGACY_ROWS);
        connection.commit();
      }
      answersAsForAnUnknownId(new TwoTenants(storage, legacy(storage)));
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
      DataSource owner = server.getDatabase(roles.owner(), "postgres");
      SchemaMigrator.postgresql(owner).migrate();
      try (Connection dba = server.getPostgresDatabase().getConnection();
          Statement statement = dba.createStatement()) {
        statement.execute(LEGACY_TABLE);
        statement.execute(LEGACY_ROWS);
        statement.execute(
            "GRANT SELECT, UPDATE ON legacy_credentials TO \"" + roles.application() + '"');
      }
      try (JdbcStorage storage =
          JdbcStorage.postgresql(server.getDatabase(roles.application(), "postgres"))
              .admin(server.getDatabase(roles.admin(), "postgres"))
              .open()) {
        answersAsForAnUnknownId(new TwoTenants(storage, legacy(storage)));
      }
    }
  }

  private static HostCredentialTable legacy(JdbcStorage storage) {
    return HostCredentialTable.in(storage, "legacy_credentials")
        .id("id")
        .organization("organization_id")
        .kind("kind")
        .field("token", "token")
        .imported("imported")
        .build();
  }

  private static void answersAsForAnUnknownId(TwoTenants made) {
    try (TwoTenants house = made;
        InMemoryStorage other = InMemoryStorage.create();
        TwoTenants elsewhere = new TwoTenants(other)) {
      TwoTenants.Ids unknown = house.unknown(elsewhere);
      Object before = house.state();
      CALLS.forEach(
          (name, call) -> {
            String theirs = answer(() -> call.with(house, house.theirs()));
            String nobodys = answer(() -> call.with(house, unknown));
            assertThat(theirs).as(name).isEqualTo(nobodys).doesNotContain(TwoTenants.CANARY);
            assertThat(house.state()).as("the other tenant after " + name).isEqualTo(before);
          });
      house.opens();
    }
  }

  /** Something that answers. */
  private interface Asked {
    Object ask() throws Exception;
  }

  /** What a caller can tell apart. */
  private static String answer(Asked asked) {
    try {
      return String.valueOf(asked.ask());
    } catch (TenantkitException e) {
      return e.getClass().getName() + ' ' + e.code() + ' ' + e.getMessage();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
