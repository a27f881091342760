package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.Sharing;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.BackupSummary;
import io.tenantkit.vault.backup.RestoreOptions;
import io.tenantkit.vault.backup.RestoreReport;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.IntegrationStatus;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.RotationStep;
import io.tenantkit.vault.rotation.Rotators;
import io.tenantkit.vault.rotation.SecretRotation;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.WebhookEndpoint;
import io.tenantkit.vault.webhook.WebhookId;
import io.tenantkit.vault.webhook.Webhooks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Backups between this storage and another installation in memory, each with a master key of its
 * own.
 */
public abstract class BackupContract extends StorageContract {
  private static final OrganizationId THERE = OrganizationId.of("acme-there");
  private static final OrganizationId AGAIN = OrganizationId.of("acme-again");
  private static final Instant START = Instant.parse("2026-11-21T10:15:30.123456Z");

  private final InsecureFixedRandom random = new InsecureFixedRandom(11);
  private final BackupKeyPair pair = BackupKeyPair.generate(random);
  private final BackupKey seals = BackupKey.recipient(pair.recipient());
  private final BackupKey opens = BackupKey.privateKey(pair.privateKey());
  private final TickingClock clock = TickingClock.at(START);
  private final TenantContext there = TenantContext.trusted(THERE, "contract");
  private final TenantContext again = TenantContext.trusted(AGAIN, "contract");

  private Installation here;
  private Installation other;

  private record Installation(
      ControlPlane plane,
      SecretVault vault,
      VaultBackup backup,
      Integrations integrations,
      Webhooks webhooks,
      SecretRotations rotations) {}

  @BeforeEach
  final void openInstallations() {
    here = open(harness.storage(), 1);
    other = open(InMemoryStorage.create(), 2);
  }

  @AfterEach
  final void closeInstallations() {
    here.plane().close();
    other.plane().close();
    pair.close();
  }

  private Installation open(Storage storage, long seed) {
    byte[] master = new byte[32];
    new InsecureFixedRandom(seed).nextBytes(master);
    ControlPlane plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(master)))
            .clock(clock)
            .manualMaintenance()
            .build();
    SecretVault vault = SecretVault.of(plane);
    Egress egress = Egress.create();
    plane.runtime().onClose().accept(egress::close);
    return new Installation(
        plane,
        vault,
        VaultBackup.of(vault),
        Integrations.builder(vault).egress(egress).build(),
        Webhooks.builder(vault, egress).build(),
        SecretRotations.builder(vault)
            .rotator("signing", Rotators.random(32, Rotators.ALPHANUMERIC))
            .build());
  }

  private static SecretRef ref(Environment environment, String name) {
    return SecretRef.of("project", environment, name);
  }

  private static SecretRef production(String name) {
    return ref(Environment.PRODUCTION, name);
  }

  /** All that a secret can be: stages, states, expiry, destination, fields, description. */
  private void fill() {
    SecretVault vault = here.vault();
    here.plane()
        .organizations()
        .configure(
            operator,
            ACME,
            OrganizationSettings.defaults()
                .withPlan("pro")
                .withMetadata(Map.of("region", "eu"))
                .withPool(RateLimit.of("minute", 600, Duration.ofMinutes(1)))
                .withKeys(KeyPolicy.none().withLongestLifetime(Duration.ofDays(90))));
    Team team = here.plane().teams().create(acme, "Payments");
    here.plane().teams().addMember(acme, team.id(), new Actor(Actor.Kind.USER, "ada"));
    here.plane().teams().addMember(acme, team.id(), new Actor(Actor.Kind.AGENT, "bot"));
    here.plane().teams().create(acme, "Empty");

    SecretRef many = production("many");
    for (int i = 1; i <= 5; i++) {
      vault.put(
          acme,
          many,
          NewSecret.of("login", Map.of("user", value("user " + i), "password", value("pw " + i)))
              .keeping(4)
              .to(
                  Destination.of(
                      Set.of("*.example.com"), Optional.of(URI.create("https://api.example.com"))))
              .described(
                  SecretDescription.of(
                      "Zahlungen – \"prod\"", List.of("a", "b"), Map.of("owner", "ada"))));
    }
    vault.put(
        acme,
        many,
        NewSecret.of("login", Map.of("user", value("user 6"), "password", value("pw 6")))
            .expiringAt(START.plus(Duration.ofDays(9)))
            .asPending());
    vault.deleteVersion(acme, many, 3);
    vault.put(acme, ref(Environment.DEVELOPMENT, "plain"), value("plain in development"));
    vault.put(acme, ref(Environment.STAGING, "plain"), value("plain in staging"));
    vault.put(acme, production("waiting"), NewSecret.of(value("pending only")).asPending());
    vault.put(acme, production("gone"), value("deleted, not destroyed"));
    vault.delete(acme, production("gone"));
    vault.put(acme, production("empty"), SecretValue.takeOver(new byte[0]));
    vault.put(
        acme,
        production("short"),
        NewSecret.of(value("expires")).expiringAt(START.plusSeconds(60)));
    clock.tick(Duration.ofMinutes(5));
  }

  private static SecretValue value(String text) {
    return SecretValue.of(text);
  }

  private byte[] export(Installation from, TenantContext context) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    from.backup().export(context, seals, out);
    return out.toByteArray();
  }

  /** Everything of an organization that must be the same in two places. */
  private static Map<String, String> contents(Installation from, TenantContext context)
      throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (Secret secret : from.vault().archive().list(context, null, 1_000)) {
      StringBuilder text = new StringBuilder();
      from.vault()
          .archive()
          .open(
              context,
              secret.id(),
              "secret.compared",
              Map.of(),
              new io.tenantkit.vault.SecretArchive.Visitor() {
                @Override
                public void secret(Secret s) {
                  text.append(s.type()).append(s.description()).append(s.stages());
                  text.append(s.maxVersions()).append(s.expiresAt()).append(s.deletedAt());
                  text.append(s.owner()).append(s.createdAt());
                }

                @Override
                public void version(SecretVersion v, Map<String, SecretValue> fields) {
                  text.append('\n').append(v);
                  new TreeMap<>(fields)
                      .forEach(
                          (name, value) ->
                              text.append(name).append(value.string(SecretAccess.get())));
                }
              });
      all.put(secret.ref().toString(), text.toString());
    }
    return all;
  }

  @Test
  void anOrganizationComesThroughWhole() throws IOException {
    fill();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BackupSummary summary = here.backup().export(operator, ACME, seals, out);
    assertThat(summary.secrets()).isEqualTo(7);
    assertThat(summary.versions()).isEqualTo(12);
    assertThat(summary.teams()).isEqualTo(2);

    RestoreReport report =
        other
            .backup()
            .restore(operator, THERE, opens, source(out.toByteArray()), RestoreOptions.standard());

    assertThat(report.organizationCreated()).isTrue();
    assertThat(report.from()).isEqualTo(ACME);
    assertThat(report.secrets(Outcome.CREATED)).isEqualTo(7);
    assertThat(report.versions()).isEqualTo(12);
    Map<String, String> expected = contents(here, acme);
    assertThat(expected).hasSize(7);
    assertThat(contents(other, there)).isEqualTo(expected);
    Organization restored = other.plane().organizations().get(there);
    assertThat(restored.settings()).isEqualTo(here.plane().organizations().get(acme).settings());
    assertThat(restored.name()).isEqualTo(here.plane().organizations().get(acme).name());
    assertThat(members(other, there)).isEqualTo(members(here, acme)).hasSize(2);
    for (RestoreReport.RestoredSecret secret : report.secrets()) {
      Secret now = other.vault().archive().find(there, secret.ref()).orElseThrow();
      assertThat(secret.id()).contains(now.id());
      assertThat(secret.fromId()).isNotEqualTo(now.id());
      assertThat(now.organization()).isEqualTo(THERE);
    }

    // And back into this storage under a third name, so that it restores too.
    byte[] second = export(other, there);
    RestoreReport back =
        here.backup().restore(operator, AGAIN, opens, source(second), RestoreOptions.standard());
    assertThat(back.secrets(Outcome.CREATED)).isEqualTo(7);
    assertThat(contents(here, again)).isEqualTo(expected);
    assertThat(contents(here, acme)).isEqualTo(expected);
    assertThat(here.vault().reveal(again, production("many")).field("password"))
        .isEqualTo(value("pw 5"));
    here.vault().promote(again, production("many"), 6);
    assertThat(here.vault().reveal(again, production("many")).field("password"))
        .isEqualTo(value("pw 6"));
    here.vault().undelete(again, production("gone"));
    here.vault().put(again, production("gone"), value("another"));
    assertThat(here.vault().get(again, production("gone")).currentVersion()).isEqualTo(2);
    assertThat(here.plane().audit().verify(again)).isInstanceOf(ChainVerification.Intact.class);
  }

  private static Map<String, Set<Actor>> members(Installation in, TenantContext context) {
    Map<String, Set<Actor>> all = new TreeMap<>();
    for (Team team : in.plane().teams().list(context, PageRequest.first(100)).items()) {
      all.put(
          team.name(),
          Set.copyOf(
              in.plane().teams().members(context, team.id()).stream()
                  .map(member -> member.actor())
                  .toList()));
    }
    return all;
  }

  @Test
  void aSecondRestoreChangesNothing() throws IOException {
    fill();
    byte[] file = export(here, acme);
    here.backup().restore(operator, AGAIN, opens, source(file), RestoreOptions.standard());
    Map<String, String> before = contents(here, again);

    RestoreReport report =
        here.backup().restore(again, opens, source(file), RestoreOptions.standard());

    assertThat(report.secrets(Outcome.UNCHANGED)).isEqualTo(7);
    assertThat(report.secrets(Outcome.CREATED)).isZero();
    assertThat(report.organizationCreated()).isFalse();
    assertThat(report.teams())
        .extracting(RestoreReport.RestoredTeam::outcome)
        .containsOnly(Outcome.UNCHANGED);
    assertThat(contents(here, again)).isEqualTo(before);
  }

  @Test
  void aConflictRestoresNothingOrIsSkipped() throws IOException {
    fill();
    byte[] file = export(here, acme);
    SecretRef taken = production("waiting");
    here.vault().put(globex, taken, value("globex has another"));
    here.plane().teams().create(globex, "Payments");
    Map<String, String> before = contents(here, globex);

    assertThatThrownBy(
            () -> here.backup().restore(globex, opens, source(file), RestoreOptions.standard()))
        .isInstanceOf(ConflictException.class);
    assertThat(contents(here, globex)).isEqualTo(before);
    assertThat(members(here, globex)).hasSize(1);

    RestoreReport dry =
        here.backup().restore(globex, opens, source(file), RestoreOptions.standard().asDryRun());
    assertThat(dry.dryRun()).isTrue();
    assertThat(dry.secrets(Outcome.SKIPPED)).isEqualTo(1);
    assertThat(dry.secrets(Outcome.CREATED)).isEqualTo(6);
    assertThat(contents(here, globex)).isEqualTo(before);

    RestoreReport report =
        here.backup()
            .restore(globex, opens, source(file), RestoreOptions.standard().skippingConflicts());
    assertThat(report.secrets(Outcome.SKIPPED)).isEqualTo(1);
    assertThat(report.secrets(Outcome.CREATED)).isEqualTo(6);
    assertThat(contents(here, globex)).hasSize(7).containsAllEntriesOf(before);
    Map<String, String> rest = new TreeMap<>(contents(here, acme));
    rest.remove(taken.toString());
    assertThat(contents(here, globex)).containsAllEntriesOf(rest);
  }

  /** The source breaks at one place after the other, also while it is written. */
  @Test
  void aRestoreThatWasCutShortIsRepeated() throws IOException {
    fill();
    byte[] large = new byte[60_000];
    for (int i = 0; i < 6; i++) {
      here.vault().put(acme, production("large-" + i), SecretValue.copyOf(large));
    }
    byte[] file = export(here, acme);
    Map<String, String> expected = contents(here, acme);
    int cut = 0;
    for (int at = 1_000; at < file.length; at += file.length / 8) {
      int place = at;
      int[] opened = {0};
      assertThatThrownBy(
              () ->
                  here.backup()
                      .restore(
                          operator,
                          AGAIN,
                          opens,
                          () -> opened[0]++ == 0 ? open(file) : breaking(file, place),
                          RestoreOptions.standard()))
          .isInstanceOf(IOException.class);
      cut++;
      assertThat(expected).containsAllEntriesOf(contents(here, again));
    }
    assertThat(cut).isGreaterThan(6);
    RestoreReport report =
        here.backup().restore(operator, AGAIN, opens, source(file), RestoreOptions.standard());
    assertThat(report.secrets(Outcome.UNCHANGED)).isPositive();
    assertThat(report.secrets(Outcome.CREATED)).isPositive();
    assertThat(contents(here, again)).isEqualTo(expected);
    assertThat(members(here, again)).isEqualTo(members(here, acme));
  }

  private static InputStream open(byte[] file) {
    return new ByteArrayInputStream(file);
  }

  private static io.tenantkit.vault.backup.BackupSource source(byte[] file) {
    return () -> open(file);
  }

  private static InputStream breaking(byte[] file, int after) {
    return new FilterInputStream(open(file)) {
      private int read;

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        if (read >= after) {
          throw new IOException("the line is cut");
        }
        int got = super.read(into, offset, Math.min(length, after - read));
        read += Math.max(0, got);
        return got;
      }
    };
  }

  /** The trail says so before anything leaves, with the counts at the end. */
  @Test
  void theTrailTellsOfEverySecretThatLeavesAndComes() throws IOException {
    fill();
    byte[] file = export(here, acme);
    List<String> actions = actions(here, acme);
    assertThat(actions.indexOf("backup.export_started"))
        .isLessThan(actions.indexOf("secret.exported"));
    assertThat(actions).filteredOn("secret.exported"::equals).hasSize(7);
    assertThat(actions.get(actions.size() - 1)).isEqualTo("backup.exported");

    here.backup().restore(operator, AGAIN, opens, source(file), RestoreOptions.standard());
    List<String> restored = actions(here, again);
    assertThat(restored).startsWith("organization.created", "backup.restore_started");
    assertThat(restored).filteredOn("secret.restored"::equals).hasSize(7);
    assertThat(restored.get(restored.size() - 1)).isEqualTo("backup.restored");
  }

  private static List<String> actions(Installation in, TenantContext context) {
    return in.plane().audit().list(context, PageRequest.first(1_000)).items().stream()
        .map(AuditEvent::action)
        .toList();
  }

  @Test
  void aJoinedTransactionMakesAndTakesNoBackup() throws IOException {
    fill();
    byte[] file = export(here, acme);
    harness.inTransaction(
        acme,
        joined -> {
          assertRefused(() -> here.backup().export(joined, seals, new ByteArrayOutputStream()));
          assertRefused(
              () -> here.backup().restore(joined, opens, source(file), RestoreOptions.standard()));
          return true;
        });
    harness.inTransaction(
        operator,
        joined -> {
          assertRefused(
              () -> here.backup().export(joined, ACME, seals, new ByteArrayOutputStream()));
          return true;
        });
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
  }

  @Test
  void aTenantRestoresIntoNoOrganizationThatIsNotThere() throws IOException {
    fill();
    byte[] file = export(here, acme);
    assertThatThrownBy(
            () -> here.backup().restore(nobody, opens, source(file), RestoreOptions.standard()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> here.backup().export(nobody, seals, new ByteArrayOutputStream()))
        .isInstanceOf(NotFoundException.class);
  }

  /** The verbs beneath: another tenant's is unknown, and what is there is not written over. */
  @Test
  void theVerbsKeepTenantsApart() {
    SecretStore store = harness.storage().stores(VaultStores.class).orElseThrow().secrets();
    Secret mine = here.vault().put(acme, production("mine"), value("acme's"));
    List<SecretHistory> read = new ArrayList<>();
    List<String> theirs = actions(here, globex);
    assertThat(store.openAll(globex, mine.id(), found -> samples.event(GLOBEX, "secret.exported")))
        .isEmpty();
    assertThat(store.listAll(globex, null, 10)).isEmpty();
    assertThat(actions(here, globex)).isEqualTo(theirs);
    store
        .openAll(acme, mine.id(), found -> samples.event(ACME, "secret.exported"))
        .ifPresent(read::add);
    assertThat(read).hasSize(1);
    AuditEvent event = samples.event(ACME, "secret.restored");
    List<String> before = actions(here, acme);
    assertThat(store.restore(acme, read.get(0), event)).isFalse();
    assertThat(actions(here, acme)).isEqualTo(before);
    assertThatThrownBy(
            () -> store.restore(globex, read.get(0), samples.event(GLOBEX, "secret.restored")))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(
            () ->
                store.openAll(
                    acme,
                    mine.id(),
                    found -> {
                      throw new IllegalStateException("no event");
                    }))
        .hasMessage("no event");
    assertThatThrownBy(
            () -> store.openAll(acme, mine.id(), found -> samples.event(GLOBEX, "secret.exported")))
        .isInstanceOf(TenantkitException.class);
    assertThat(actions(here, acme)).isEqualTo(before);
  }

  // What secrets belong to, and what belongs to secrets

  private static final String KEY = "sk-proj-0123456789abcdefghijklmnopqrstuv";

  /** What {@link #fillAround} made. */
  private record Around(Integration on, Integration off, WebhookEndpoint hook, Team team) {}

  private Around fillAround() {
    TeamId payments = here.plane().teams().create(acme, "Payments").id();
    here.plane().teams().addMember(acme, payments, new Actor(Actor.Kind.USER, "ada"));
    Team ops = here.plane().teams().create(acme, "Ops");
    here.vault().put(acme, production("shared"), NewSecret.of(value("for a team")));
    here.vault().share(acme, production("shared"), Sharing.withTeams(payments, ops.id()));
    here.vault().put(acme, production("old"), NewSecret.of(value("one")));
    here.vault().put(acme, production("old"), NewSecret.of(value("two")));
    here.rotations()
        .set(acme, production("old"), RotationPolicy.everyDays(30).withNotice(Duration.ofDays(3)));
    here.rotations()
        .set(acme, production("shared"), RotationPolicy.at(START.plus(Duration.ofDays(50))));
    Integration on =
        here.integrations()
            .create(
                acme,
                new NewIntegration(
                    "openai",
                    Environment.PRODUCTION,
                    "Main",
                    Map.of("api_key", value(KEY)),
                    Map.of()));
    Integration off =
        here.integrations()
            .create(
                acme,
                new NewIntegration(
                    "openai",
                    Environment.STAGING,
                    "Other",
                    Map.of("api_key", value(KEY + "2")),
                    Map.of()));
    off = here.integrations().disable(acme, off.id());
    here.rotations()
        .set(
            acme,
            SecretRef.of("integrations", Environment.PRODUCTION, on.id().value()),
            RotationPolicy.everyDays(90));
    here.webhooks()
        .create(acme, "https://example.com/hook", "ours", EventFilter.of("secret.*"))
        .secret()
        .close();
    WebhookEndpoint hook = here.webhooks().list(acme, PageRequest.first(1)).items().get(0);
    clock.tick(Duration.ofMinutes(5));
    return new Around(on, off, hook, ops);
  }

  private static SecretValue signingKey(Installation in, TenantContext context, WebhookId id) {
    return in.vault()
        .reveal(context, SecretRef.of("webhooks", Environment.PRODUCTION, id.value()))
        .field("current");
  }

  private static String credential(Installation in, TenantContext context, IntegrationId id) {
    return in.integrations()
        .use(context, id, "contract", fields -> fields.field("api_key").string(SecretAccess.get()));
  }

  private static List<String> teamNames(Installation in, TenantContext context, SecretRef ref) {
    List<TeamId> ids = List.copyOf(in.vault().sharing(context, ref).teams());
    return in.plane().teams().list(context, PageRequest.first(100)).items().stream()
        .filter(team -> ids.contains(team.id()))
        .map(Team::name)
        .toList();
  }

  /** Everything of the library's projects that no row knows. */
  private static List<SecretRef> orphans(Installation in, TenantContext context) {
    List<String> known = new ArrayList<>();
    in.integrations()
        .list(context, PageRequest.first(100))
        .items()
        .forEach(row -> known.add(row.id().value()));
    in.webhooks()
        .list(context, PageRequest.first(100))
        .items()
        .forEach(row -> known.add(row.id().value()));
    return in.vault().archive().list(context, null, 1_000).stream()
        .map(Secret::ref)
        .filter(ref -> !ref.project().equals("project") && !known.contains(ref.name()))
        .toList();
  }

  @Test
  void whatSecretsBelongToAndWhatBelongsToThemComesThrough() throws IOException {
    Around made = fillAround();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BackupSummary summary = here.backup().export(operator, ACME, seals, out);
    assertThat(summary.integrations()).isEqualTo(2);
    assertThat(summary.webhooks()).isEqualTo(1);
    assertThat(summary.rotations()).isEqualTo(3);
    RestoreReport report =
        other
            .backup()
            .restore(operator, THERE, opens, source(out.toByteArray()), RestoreOptions.standard());
    assertAround(made, report, other, there, false);

    // Again, into this storage; and again into that.
    byte[] second = export(other, there);
    RestoreReport back =
        here.backup().restore(operator, AGAIN, opens, source(second), RestoreOptions.standard());
    assertThat(back.integrations()).hasSize(2);
    assertThat(credential(here, again, back.integrations().get(0).id())).isIn(KEY, KEY + "2");
    assertThat(orphans(here, again)).isEmpty();
    for (int i = 0; i < 2; i++) {
      RestoreReport repeated =
          here.backup().restore(again, opens, source(second), RestoreOptions.standard());
      assertThat(repeated.integrations())
          .extracting(RestoreReport.RestoredIntegration::outcome)
          .containsOnly(Outcome.UNCHANGED);
      assertThat(repeated.webhooks())
          .extracting(RestoreReport.RestoredWebhook::outcome)
          .containsOnly(Outcome.UNCHANGED);
      assertThat(repeated.rotations())
          .extracting(RestoreReport.RestoredRotation::outcome)
          .containsOnly(Outcome.UNCHANGED);
      assertThat(repeated.integrations())
          .extracting(RestoreReport.RestoredIntegration::id)
          .isEqualTo(
              back.integrations().stream().map(RestoreReport.RestoredIntegration::id).toList());
    }
    assertThat(here.plane().audit().verify(again)).isInstanceOf(ChainVerification.Intact.class);
  }

  private void assertAround(
      Around made,
      RestoreReport report,
      Installation in,
      TenantContext context,
      boolean sameOrganization) {
    assertThat(report.sharesLeftOut()).isZero();
    assertThat(teamNames(in, context, production("shared")))
        .containsExactlyInAnyOrder("Payments", "Ops");
    assertThat(report.secrets(Outcome.LEFT_OUT)).isZero();
    assertThat(orphans(in, context)).isEmpty();

    Map<IntegrationId, IntegrationId> ids = new HashMap<>();
    report.integrations().forEach(each -> ids.put(each.fromId(), each.id()));
    assertThat(ids).containsOnlyKeys(made.on().id(), made.off().id());
    IntegrationId on = ids.get(made.on().id());
    IntegrationId off = ids.get(made.off().id());
    assertThat(on.equals(made.on().id())).isEqualTo(sameOrganization);
    Integration row = in.integrations().get(context, on);
    assertThat(row.status()).isEqualTo(IntegrationStatus.VERIFYING);
    assertThat(row.nextCheckAt()).isBeforeOrEqualTo(clock.instant());
    assertThat(row.name()).isEqualTo("Main");
    assertThat(row.verdict()).isEmpty();
    assertThat(row.createdAt()).isEqualTo(made.on().createdAt());
    assertThat(row.credentialVersion()).isEqualTo(made.on().credentialVersion());
    assertThat(credential(in, context, on)).isEqualTo(KEY);
    assertThat(in.integrations().get(context, off).status()).isEqualTo(IntegrationStatus.DISABLED);
    in.integrations().enable(context, off);
    assertThat(credential(in, context, off)).isEqualTo(KEY + "2");

    RestoreReport.RestoredWebhook told = report.webhooks().get(0);
    assertThat(told.fromId()).isEqualTo(made.hook().id());
    WebhookEndpoint hook = in.webhooks().get(context, told.id());
    assertThat(hook.url()).isEqualTo("https://example.com/hook");
    assertThat(hook.events()).isEqualTo(made.hook().events());
    assertThat(hook.enabled()).as("nobody is told of a rehearsal").isFalse();
    List<String> before = actions(in, context).subList(0, (int) hook.delivery().seq());
    assertThat(before).as("nothing of before is told again").contains("secret.restored");
    assertThat(actions(in, context).subList(before.size(), actions(in, context).size()))
        .doesNotContain("secret.restored");
    assertThat(signingKey(in, context, hook.id()))
        .isEqualTo(signingKey(here, acme, made.hook().id()));

    assertThat(report.rotations())
        .extracting(RestoreReport.RestoredRotation::outcome)
        .containsOnly(Outcome.CREATED)
        .hasSize(3);
    assertPolicy(in, context, production("old"), production("old"));
    assertPolicy(in, context, production("shared"), production("shared"));
    assertPolicy(
        in,
        context,
        SecretRef.of("integrations", Environment.PRODUCTION, on.value()),
        SecretRef.of("integrations", Environment.PRODUCTION, made.on().id().value()));
  }

  private void assertPolicy(
      Installation in, TenantContext context, SecretRef ref, SecretRef original) {
    SecretRotation expected = here.rotations().get(acme, original);
    SecretRotation restored = in.rotations().get(context, ref);
    assertThat(restored.policy()).isEqualTo(expected.policy());
    assertThat(restored.dueAt()).isEqualTo(expected.dueAt()).isPresent();
    assertThat(restored.step()).isEqualTo(RotationStep.IDLE);
  }

  /** The value before is retired there when its overlap ends, as it would have been here. */
  @Test
  void anOverlapEndsInTheOtherInstallation() throws IOException {
    here.vault().put(acme, production("key"), NewSecret.of("signing", Map.of("value", value("1"))));
    here.rotations()
        .set(acme, production("key"), RotationPolicy.everyDays(10).withOverlap(Duration.ofDays(1)));
    clock.tick(Duration.ofDays(10).plusMinutes(5));
    here.plane().runDue(clock.instant());
    SecretRotation before = here.rotations().get(acme, production("key"));
    assertThat(before.step()).isEqualTo(RotationStep.PROMOTED);
    byte[] file = export(here, acme);

    other.backup().restore(operator, THERE, opens, source(file), RestoreOptions.standard());

    SecretRotation after = other.rotations().get(there, production("key"));
    assertThat(after.step()).isEqualTo(RotationStep.PROMOTED);
    assertThat(after.retireAt()).isEqualTo(before.retireAt());
    assertThat(after.dueAt()).isEqualTo(before.dueAt());
    assertThat(other.vault().get(there, production("key")).stages().previous()).hasValue(1);
    clock.tick(Duration.ofDays(1).plusMinutes(5));
    other.plane().runDue(clock.instant());
    assertThat(other.rotations().get(there, production("key")).step()).isEqualTo(RotationStep.IDLE);
    assertThat(other.vault().get(there, production("key")).stages().previous()).isEmpty();
    assertThat(other.vault().get(there, production("key")).currentVersion()).isEqualTo(2);
  }

  /** A host knows integrations and webhooks by their ids. */
  @Test
  void theSameOrganizationGetsTheSameIdsBack() throws IOException {
    Around made = fillAround();
    byte[] file = export(here, acme);
    TenantContext elsewhere = TenantContext.trusted(ACME, "contract");
    RestoreReport report =
        other.backup().restore(operator, ACME, opens, source(file), RestoreOptions.standard());
    assertAround(made, report, other, elsewhere, true);
  }

  @Test
  void aDryRunTellsOfAllOfThemAndWritesNone() throws IOException {
    fillAround();
    byte[] file = export(here, acme);
    RestoreReport dry =
        other
            .backup()
            .restore(operator, THERE, opens, source(file), RestoreOptions.standard().asDryRun());
    assertThat(other.vault().archive().list(there, null, 10)).isEmpty();
    RestoreReport wet =
        other.backup().restore(operator, THERE, opens, source(file), RestoreOptions.standard());
    assertThat(dry.integrations()).isEqualTo(wet.integrations()).hasSize(2);
    assertThat(dry.webhooks()).isEqualTo(wet.webhooks()).hasSize(1);
    assertThat(dry.rotations()).isEqualTo(wet.rotations()).hasSize(3);
    assertThat(dry.sharesLeftOut()).isZero();
  }

  @Test
  void aCredentialOfNobodyIsLeftOut() throws IOException {
    SecretRef stray = SecretRef.of("integrations", Environment.STAGING, "int_stray");
    here.vault().put(acme, stray, value("nobody's"));
    here.vault()
        .put(acme, SecretRef.of("webhooks", Environment.PRODUCTION, "whk_stray"), value("nobody"));
    here.rotations().set(acme, stray, RotationPolicy.everyDays(30));
    here.vault().put(acme, production("mine"), value("mine"));
    byte[] file = export(here, acme);
    RestoreReport report =
        other.backup().restore(operator, THERE, opens, source(file), RestoreOptions.standard());
    assertThat(report.secrets(Outcome.LEFT_OUT)).isEqualTo(2);
    assertThat(report.rotations())
        .containsExactly(new RestoreReport.RestoredRotation(stray, Outcome.LEFT_OUT));
    assertThat(contents(other, there)).containsOnlyKeys(production("mine").toString());
  }

  /** What was cut short is neither used nor checked, and the next call completes it. */
  @Test
  void anIntegrationHalfRestoredIsCompleted() throws IOException {
    Around made = fillAround();
    byte[] large = new byte[60_000];
    for (int i = 0; i < 6; i++) {
      here.vault().put(acme, production("large-" + i), SecretValue.copyOf(large));
    }
    byte[] file = export(here, acme);
    int halves = 0;
    for (int at = 1_000; at < file.length; at += file.length / 6) {
      int place = at;
      int[] opened = {0};
      assertThatThrownBy(
              () ->
                  here.backup()
                      .restore(
                          operator,
                          AGAIN,
                          opens,
                          () -> opened[0]++ == 0 ? open(file) : breaking(file, place),
                          RestoreOptions.standard()))
          .isInstanceOf(IOException.class);
      if (here.vault().runtime().coreStores().organizations().find(again).isPresent()) {
        List<Integration> rows = here.integrations().list(again, PageRequest.first(10)).items();
        halves += rows.size();
        assertThat(rows)
            .extracting(Integration::status)
            .allMatch(IntegrationStatus.DISABLED::equals);
      }
    }
    assertThat(halves).isPositive();
    RestoreReport report =
        here.backup().restore(operator, AGAIN, opens, source(file), RestoreOptions.standard());
    assertThat(orphans(here, again)).isEmpty();
    for (RestoreReport.RestoredIntegration each : report.integrations()) {
      boolean on = each.fromId().equals(made.on().id());
      assertThat(here.integrations().get(again, each.id()).status())
          .isEqualTo(on ? IntegrationStatus.VERIFYING : IntegrationStatus.DISABLED);
    }
    assertThat(here.webhooks().list(again, PageRequest.first(10)).items()).hasSize(1);
  }

  /** A team of that name with other people in it is not whom the secret was shared with. */
  @Test
  void aTeamWithOthersInItGetsNothing() throws IOException {
    fillAround();
    byte[] file = export(here, acme);
    Team payments = here.plane().teams().create(globex, "Payments");
    here.plane().teams().addMember(globex, payments.id(), new Actor(Actor.Kind.USER, "mallory"));
    RestoreReport report =
        here.backup()
            .restore(globex, opens, source(file), RestoreOptions.standard().skippingConflicts());
    assertThat(report.sharesLeftOut()).isEqualTo(1);
    assertThat(teamNames(here, globex, production("shared"))).containsExactly("Ops");
  }

  @Test
  void whoMayNotHandleThemMakesAndTakesNoBackupOfThem() throws IOException {
    fillAround();
    byte[] file = export(here, acme);
    for (String missing : List.of("integrations:write", "webhooks:manage")) {
      List<String> scopes =
          new ArrayList<>(
              List.of(
                  "secrets:manage",
                  "secrets:read",
                  "secrets:use",
                  "secrets:write",
                  "teams:read",
                  "teams:manage",
                  "integrations:write",
                  "webhooks:manage"));
      scopes.remove(missing);
      ScopeSet less = ScopeSet.of(scopes.toArray(String[]::new));
      assertThatThrownBy(
              () -> here.backup().export(acme.limitedTo(less), seals, new ByteArrayOutputStream()))
          .isInstanceOf(AccessDeniedException.class);
      assertThatThrownBy(
              () ->
                  here.backup()
                      .restore(
                          globex.limitedTo(less), opens, source(file), RestoreOptions.standard()))
          .isInstanceOf(AccessDeniedException.class);
    }
    assertThat(here.vault().archive().list(globex, null, 10)).isEmpty();
  }
}
