package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.tenantkit.tenant.Team;
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
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.BackupSummary;
import io.tenantkit.vault.backup.RestoreOptions;
import io.tenantkit.vault.backup.RestoreReport;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

  private record Installation(ControlPlane plane, SecretVault vault, VaultBackup backup) {}

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
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(master))).clock(clock).build();
    SecretVault vault = SecretVault.of(plane);
    return new Installation(plane, vault, VaultBackup.of(vault));
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
}
