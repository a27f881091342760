package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.GLOBEX;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PlanLimitReachedException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.vault.backup.BackupFacts;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.BackupSource;
import io.tenantkit.vault.backup.RestoreOptions;
import io.tenantkit.vault.backup.RestoreReport;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.spi.SecretHistory;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backup may, must and must not, over one house and its two organizations. */
class VaultBackupTest {
  private static final Operator OPERATOR = Operator.trusted("operator", "tests");
  private static final OrganizationId FRESH = OrganizationId.of("fresh");

  @TempDir private Path folder;

  private final InsecureFixedRandom random = new InsecureFixedRandom(3);
  private final BackupKeyPair pair = BackupKeyPair.generate(random);
  private final BackupKey seals = BackupKey.recipient(pair.recipient());
  private final BackupKey opens = BackupKey.privateKey(pair.privateKey());
  private final VaultHouse house = new VaultHouse();
  private final VaultBackup backup = VaultBackup.of(house.vault);

  @AfterEach
  void close() {
    house.close();
    pair.close();
  }

  private byte[] export(TenantContext context) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    backup.export(context, seals, out);
    return out.toByteArray();
  }

  private static BackupSource source(byte[] file) {
    return () -> new ByteArrayInputStream(file);
  }

  private RestoreReport restore(TenantContext context, byte[] file) throws IOException {
    return backup.restore(context, opens, source(file), RestoreOptions.standard());
  }

  private static TenantContext without(TenantContext context, Scope missing) {
    List<Scope> rest =
        List.of(
                Scopes.SECRETS_MANAGE,
                Scopes.SECRETS_READ,
                Scopes.SECRETS_USE,
                Scopes.SECRETS_WRITE,
                Scopes.TEAMS_READ,
                Scopes.TEAMS_MANAGE)
            .stream()
            .filter(scope -> !scope.equals(missing))
            .toList();
    return context.limitedTo(ScopeSet.of(rest));
  }

  @Test
  void everyScopeIsNeeded() throws IOException {
    house.vault.put(house.acme, ref("a"), value("some value"));
    byte[] file = export(without(house.acme, Scopes.FLOWS_READ));
    List<Object> before = house.written();
    for (Scope scope :
        List.of(
            Scopes.SECRETS_MANAGE, Scopes.SECRETS_READ, Scopes.SECRETS_USE, Scopes.TEAMS_READ)) {
      assertThatThrownBy(() -> export(without(house.acme, scope)))
          .as(scope.toString())
          .isInstanceOf(AccessDeniedException.class);
    }
    for (Scope scope :
        List.of(
            Scopes.SECRETS_MANAGE,
            Scopes.SECRETS_READ,
            Scopes.SECRETS_USE,
            Scopes.SECRETS_WRITE,
            Scopes.TEAMS_READ,
            Scopes.TEAMS_MANAGE)) {
      assertThatThrownBy(() -> restore(without(house.globex, scope), file))
          .as(scope.toString())
          .isInstanceOf(AccessDeniedException.class);
    }
    assertThat(house.written()).isEqualTo(before);
    restore(without(house.globex, Scopes.FLOWS_READ), file);
    assertThat(house.reveal(house.globex, ref("a"))).isEqualTo("some value");
  }

  @Test
  void theReservedProjectsKeepTheirScope() throws IOException {
    house.vault.put(
        house.acme, SecretRef.of("livekit", Environment.PRODUCTION, "x"), value("credentials"));
    assertThatThrownBy(() -> export(without(house.acme, Scopes.FLOWS_READ)))
        .isInstanceOf(AccessDeniedException.class);
    byte[] file = export(house.acme);
    assertThatThrownBy(() -> restore(without(house.globex, Scopes.FLOWS_READ), file))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(house.listed(house.globex)).isEmpty();
  }

  @Test
  void onlyTheEnvironmentsInReachAreTaken() throws IOException {
    house.vault.put(house.acme, ref("a"), value("production"));
    house.vault.put(
        house.acme, SecretRef.of("app", Environment.DEVELOPMENT, "a"), value("development"));
    byte[] all = export(house.acme);
    TenantContext narrow = house.acme.within(Set.of(Environment.DEVELOPMENT));
    RestoreReport report = restore(house.globex, export(narrow));
    assertThat(report.secrets())
        .extracting(secret -> secret.ref().environment())
        .containsExactly(Environment.DEVELOPMENT);
    assertThatThrownBy(() -> restore(narrow, all)).isInstanceOf(AccessDeniedException.class);
  }

  /** Audit that cannot be written: nothing leaves, not even a header. */
  @Test
  void noAuditRowNoBackup() throws IOException {
    house.vault.put(house.acme, ref("a"), value("some value"));
    SecretVault broken =
        house.freshVault(
            stores ->
                new DecoratedStorage.Stores(
                    new DecoratedStorage.Secrets(stores.secrets()) {
                      @Override
                      public Optional<SecretHistory> openAll(
                          TenantContext context,
                          SecretId id,
                          Function<SecretHistory, AuditEvent> event) {
                        throw new TenantkitException(ErrorCode.STORAGE_UNAVAILABLE, "down");
                      }
                    },
                    stores.organizationKeys()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThatThrownBy(() -> VaultBackup.of(broken).export(house.acme, seals, out))
        .isInstanceOf(TenantkitException.class);
    byte[] cut = out.toByteArray();
    assertThatThrownBy(() -> restore(house.globex, cut)).isInstanceOf(TenantkitException.class);
    assertThat(house.actions(house.acme))
        .contains("backup.export_started")
        .doesNotContain("backup.exported");

    TenantContext nobody = TenantContext.trusted(OrganizationId.of("nobody"), "host");
    ByteArrayOutputStream none = new ByteArrayOutputStream();
    assertThatThrownBy(() -> backup.export(nobody, seals, none))
        .isInstanceOf(TenantkitException.class);
    assertThat(none.size()).isZero();
  }

  /** A store that loses a bit of what it is given is found out by reading it back. */
  @Test
  void whatIsRestoredIsReadBack() throws IOException {
    house.vault.put(
        house.acme, ref("a"), NewSecret.of("pair", Map.of("x", value("1"), "y", value("2"))));
    byte[] file = export(house.acme);
    SecretVault forgetful =
        house.freshVault(
            stores ->
                new DecoratedStorage.Stores(
                    new DecoratedStorage.Secrets(stores.secrets()) {
                      @Override
                      public boolean restore(
                          TenantContext context, SecretHistory history, AuditEvent event) {
                        Secret kept = history.secret().saying(SecretDescription.none(), 3);
                        return super.restore(
                            context, new SecretHistory(kept, history.versions()), event);
                      }
                    },
                    stores.organizationKeys()));
    assertThatThrownBy(
            () ->
                VaultBackup.of(forgetful)
                    .restore(house.globex, opens, source(file), RestoreOptions.standard()))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
  }

  /** A value that was altered where it is stored ends the export, and the trail says so. */
  @Test
  void aRowThatWasTamperedWithIsNotLeftOutInSilence() {
    house.vault.put(house.acme, ref("a"), value("some value"));
    SecretVault tampered =
        house.freshVault(
            stores ->
                new DecoratedStorage.Stores(
                    new DecoratedStorage.Secrets(stores.secrets()) {
                      @Override
                      public Optional<SecretHistory> openAll(
                          TenantContext context,
                          SecretId id,
                          Function<SecretHistory, AuditEvent> event) {
                        Optional<SecretHistory> found = super.openAll(context, id, event);
                        found.ifPresent(
                            each -> each.versions().get(0).fields().get("value")[40] ^= 1);
                        return found;
                      }
                    },
                    stores.organizationKeys()));
    assertThatThrownBy(
            () -> VaultBackup.of(tampered).export(house.acme, seals, new ByteArrayOutputStream()))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CIPHERTEXT_REJECTED));
    assertThat(house.actions(house.acme)).endsWith("secret.exported", "secret.rejected");
  }

  /** The stream breaks at each of its bytes in turn: typed, and what came out restores nothing. */
  @Test
  void aStreamThatBreaksAnywhereLeavesNothingThatOpens() throws IOException {
    house.vault.put(house.acme, ref("a"), value("some value"));
    int length = export(house.acme).length;
    for (int at = 0; at < length; at += 7) {
      Breaking out = new Breaking(at);
      assertThatThrownBy(() -> backup.export(house.acme, seals, out))
          .isInstanceOf(IOException.class)
          .hasMessage("full");
      byte[] cut = out.written.toByteArray();
      assertThatThrownBy(() -> restore(house.globex, cut))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKUP_REJECTED));
    }
    assertThat(house.listed(house.globex)).isEmpty();
  }

  private static final class Breaking extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final int after;

    Breaking(int after) {
      this.after = after;
    }

    @Override
    public void write(int b) throws IOException {
      if (written.size() == after) {
        throw new IOException("full");
      }
      written.write(b);
    }
  }

  @Test
  void aDamagedBackupRestoresNothingAtAll() throws IOException {
    for (int i = 0; i < 4; i++) {
      house.vault.put(house.acme, ref("s" + i), SecretValue.takeOver(random(50_000)));
    }
    byte[] file = export(house.acme);
    List<Secret> before = house.listed(house.globex);
    for (int at = 0; at < file.length; at += file.length / 40) {
      byte[] damaged = file.clone();
      damaged[at] ^= 1;
      assertThatThrownBy(() -> restore(house.globex, damaged))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKUP_REJECTED));
    }
    assertThat(house.listed(house.globex)).isEqualTo(before).isEmpty();
  }

  /** Between the two readings the file must not become another, not even one for the same key. */
  @Test
  void theSecondReadingIsOfTheSameFile() throws IOException {
    house.vault.put(house.acme, ref("a"), value("first"));
    byte[] first = export(house.acme);
    house.vault.put(house.acme, ref("b"), value("second"));
    byte[] second = export(house.acme);
    int[] opened = {0};
    assertThatThrownBy(
            () ->
                backup.restore(
                    house.globex,
                    opens,
                    () -> new ByteArrayInputStream(opened[0]++ == 0 ? first : second),
                    RestoreOptions.standard()))
        .isInstanceOf(TenantkitException.class);
    assertThat(opened[0]).isEqualTo(2);
    assertThat(house.listed(house.globex)).isEmpty();
  }

  @Test
  void theHeaderTellsWhoseKeyOpensIt() throws IOException {
    byte[] file = export(house.acme);
    BackupFacts facts = VaultBackup.inspect(new ByteArrayInputStream(file));
    assertThat(facts.format()).isEqualTo(1);
    assertThat(facts.kind()).isEqualTo(BackupFacts.Kind.RECIPIENT);
    assertThat(facts.recipientId()).contains(pair.recipient().id());
    assertThat(facts.fileId()).matches("[0-9a-f]{32}");
    assertThat(house.last(house.acme).details()).containsEntry("backup", facts.fileId());
    assertThatThrownBy(
            () ->
                VaultBackup.inspect(
                    new ByteArrayInputStream("GET / HTTP/1.1".getBytes(StandardCharsets.US_ASCII))))
        .isInstanceOf(TenantkitException.class);
  }

  @Test
  void aPassphraseAtItsFullCostWorksToo() throws IOException {
    house.vault.put(house.acme, ref("a"), value("some value"));
    try (SecretValue passphrase = value("a passphrase of some length")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      backup.export(house.acme, BackupKey.passphrase(passphrase), out);
      backup.restore(
          house.globex,
          BackupKey.passphrase(passphrase),
          source(out.toByteArray()),
          RestoreOptions.standard());
    }
    assertThat(house.reveal(house.globex, ref("a"))).isEqualTo("some value");
  }

  @Test
  void aDryRunWritesNothingButItsTrail() throws IOException {
    house.vault.put(house.acme, ref("a"), value("some value"));
    byte[] file = export(house.acme);
    RestoreReport report =
        backup.restore(house.globex, opens, source(file), RestoreOptions.standard().asDryRun());
    assertThat(report.dryRun()).isTrue();
    assertThat(report.secrets(Outcome.CREATED)).isEqualTo(1);
    assertThat(report.secrets().get(0).id()).isEmpty();
    assertThat(house.listed(house.globex)).isEmpty();
    assertThat(house.actions(house.globex)).endsWith("backup.restore_started");

    RestoreReport fresh =
        backup.restore(OPERATOR, FRESH, opens, source(file), RestoreOptions.standard().asDryRun());
    assertThat(fresh.organizationCreated()).isTrue();
    assertThatThrownBy(() -> house.plane.organizations().get(OPERATOR, FRESH))
        .isInstanceOf(TenantkitException.class);
  }

  @Test
  void thePlanOfTheTargetHolds() throws IOException {
    for (int i = 0; i < 4; i++) {
      house.vault.put(house.acme, ref("s" + i), value("some value " + i));
    }
    byte[] file = export(house.acme);
    Plans plans =
        Plans.of(Map.of("free", new PlanLimits(5, 1, 1, 1), "none", PlanLimits.unlimited()));
    try (InMemoryStorage storage = InMemoryStorage.create();
        ControlPlane plane =
            ControlPlane.builder(storage, VaultHouse.masterKeys(2)).plans(plans).build()) {
      SecretVault vault = SecretVault.of(plane);
      VaultBackup there = VaultBackup.of(vault);
      plane.organizations().create(OPERATOR, GLOBEX, "Globex");
      vault.put(house.globex, ref("own-1"), value("own"));
      vault.put(house.globex, ref("own-2"), value("own"));
      assertThatThrownBy(
              () -> there.restore(house.globex, opens, source(file), RestoreOptions.standard()))
          .isInstanceOfSatisfying(
              PlanLimitReachedException.class, e -> assertThat(e.limit()).isEqualTo("secrets"));
      assertThat(vault.archive().list(house.globex, null, 10)).hasSize(2);
      vault.destroy(house.globex, ref("own-2"));
      there.restore(house.globex, opens, source(file), RestoreOptions.standard());
      assertThat(vault.archive().list(house.globex, null, 10)).hasSize(5);
      there.restore(house.globex, opens, source(file), RestoreOptions.standard());

      house
          .plane
          .organizations()
          .configure(OPERATOR, VaultHouse.ACME, OrganizationSettings.defaults().withPlan("gold"));
      byte[] gold = export(house.acme);
      assertThatThrownBy(
              () -> there.restore(OPERATOR, FRESH, opens, source(gold), RestoreOptions.standard()))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("plan");
    }
  }

  /** Memory stays bounded: what is streamed is several times the heap that it takes. */
  @Test
  void tenThousandSecretsAreStreamed() throws IOException {
    int count = 10_000;
    for (int i = 0; i < count; i++) {
      try (SecretValue value = SecretValue.takeOver(random(200))) {
        house.vault.put(house.acme, ref("secret-" + i), value);
      }
    }
    Path file = folder.resolve("backup");
    try (OutputStream out = Files.newOutputStream(file)) {
      assertThat(backup.export(house.acme, seals, out).secrets()).isEqualTo(count);
    }
    RestoreReport report =
        backup.restore(
            house.globex, opens, () -> Files.newInputStream(file), RestoreOptions.standard());
    assertThat(report.secrets(Outcome.CREATED)).isEqualTo(count);
    try (SecretFields mine = house.vault.reveal(house.acme, ref("secret-4711"));
        SecretFields theirs = house.vault.reveal(house.globex, ref("secret-4711"))) {
      assertThat(theirs.value()).isEqualTo(mine.value());
      assertThat(theirs.secret().id()).isNotEqualTo(mine.secret().id());
    }
  }

  @Test
  void whatAVisitorWasLentIsWipedAfterwards() throws IOException {
    Secret secret = house.vault.put(house.acme, ref("a"), value("some value"));
    List<SecretValue> lent = new ArrayList<>();
    SecretArchive.Visitor keeping =
        new SecretArchive.Visitor() {
          @Override
          public void secret(Secret opened) {
            assertThat(opened.ref()).isEqualTo(ref("a"));
          }

          @Override
          public void version(SecretVersion version, Map<String, SecretValue> fields)
              throws IOException {
            lent.addAll(fields.values());
            throw new IOException("mine");
          }
        };
    assertThatThrownBy(
            () ->
                house
                    .vault
                    .archive()
                    .open(house.acme, secret.id(), "secret.exported", Map.of(), keeping))
        .hasMessage("mine");
    assertThat(lent).hasSize(1);
    assertThatThrownBy(() -> lent.get(0).length()).isInstanceOf(IllegalStateException.class);
  }

  /**
   * The canary is in no backup, row, event, log or report, nor in a live object once all is done.
   */
  @Test
  void theCanaryIsNowhereAfterwards() throws Exception {
    try (SecretValue canary = SecretValue.takeOver(canary());
        SecretValue passphrase = value("passphrase of this test")) {
      house.vault.put(house.acme, ref("canary"), canary);
      BackupKey key = BackupKey.passphrase(passphrase);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      backup.export(house.acme, key, out);
      byte[] file = out.toByteArray();
      assertThat(Sightings.in(file, canary())).isEmpty();
      RestoreReport report =
          backup.restore(house.globex, key, source(file), RestoreOptions.standard());
      assertThat(Sightings.in(report.toString() + house.written(), canary())).isEmpty();
      assertThat(Sightings.in(String.join("\n", CapturedLogs.lines()), canary())).isEmpty();
      List<String> inRows = new ArrayList<>();
      AtomicInteger rows = new AtomicInteger();
      ObjectWalk.from(
          house.storage,
          bytes -> {
            rows.incrementAndGet();
            inRows.addAll(Sightings.in(bytes, canary()));
          });
      assertThat(rows).as("the walk comes to the rows").hasValueGreaterThan(50);
      assertThat(inRows).isEmpty();
      byte[] damaged = file.clone();
      damaged[file.length - 1] ^= 1;
      assertThatThrownBy(
              () -> backup.restore(house.globex, key, source(damaged), RestoreOptions.standard()))
          .isInstanceOf(TenantkitException.class);
    }
    assertThat(heap()).isEmpty();
    try (SecretFields open = house.vault.reveal(house.globex, ref("canary"))) {
      assertThat(heap()).as("while it is open it can be found").containsKey("as it is");
      assertThat(open.names()).hasSize(1);
    }
  }

  private Map<String, Integer> heap() throws Exception {
    Path dump = folder.resolve("dump-" + System.nanoTime() + ".hprof");
    System.gc();
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(dump.toString(), true);
    byte[] wanted = canary();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(dump))) {
      return Sightings.count(in, wanted);
    } finally {
      Arrays.fill(wanted, (byte) 0);
      Files.delete(dump);
    }
  }

  private static byte[] canary() {
    byte[] bytes = new byte[48];
    new InsecureFixedRandom(20_261_122).nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ('!' + (bytes[i] & 63));
    }
    return bytes;
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
