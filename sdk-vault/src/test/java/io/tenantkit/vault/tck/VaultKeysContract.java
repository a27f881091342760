package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.vault.Erasure;
import io.tenantkit.vault.KeysReport;
import io.tenantkit.vault.KeysReport.KeyState;
import io.tenantkit.vault.KeysReport.MasterKeyStatus;
import io.tenantkit.vault.MasterKeyRewrap;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.OrganizationKey;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.SecretsRewrap;
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WrappedKeyStore;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the vault's keys, through the public calls, on every storage. */
public abstract class VaultKeysContract extends StorageContract {
  private static final Instant START = Instant.parse("2026-11-21T10:15:30.123456Z");

  private final TickingClock clock = TickingClock.at(START);
  private final List<ControlPlane> planes = new ArrayList<>();
  private ControlPlane plane;
  private SecretVault vault;
  private VaultKeys keys;

  @BeforeEach
  final void openVault() {
    plane = plane(masterKeys(1));
    vault = SecretVault.of(plane);
    keys = VaultKeys.of(vault);
  }

  @AfterEach
  final void closePlanes() {
    planes.forEach(ControlPlane::close);
  }

  private ControlPlane plane(MasterKeys masterKeys) {
    return plane(harness.storage(), masterKeys);
  }

  private ControlPlane plane(Storage storage, MasterKeys masterKeys) {
    ControlPlane opened =
        ControlPlane.builder(storage, masterKeys).clock(clock).manualMaintenance().build();
    planes.add(opened);
    return opened;
  }

  private static MasterKey masterKey(long seed) {
    byte[] bytes = new byte[32];
    new InsecureFixedRandom(seed).nextBytes(bytes);
    return MasterKey.of(bytes);
  }

  private static MasterKeys masterKeys(long current, long... previous) {
    MasterKey[] others = new MasterKey[previous.length];
    for (int i = 0; i < previous.length; i++) {
      others[i] = masterKey(previous[i]);
    }
    return MasterKeys.of(masterKey(current), others);
  }

  private static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  private void put(TenantContext context, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      vault.put(context, ref(name), value);
    }
  }

  private String reveal(TenantContext context, String name) {
    return reveal(vault, context, name);
  }

  private static String reveal(SecretVault from, TenantContext context, String name) {
    try (SecretFields fields = from.reveal(context, ref(name))) {
      return fields.value().string(SecretAccess.get());
    }
  }

  private static void assertCode(ErrorCode code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void newWritesUseTheNewestKeyAndOldOnesStayReadable() {
    put(acme, "old", "one");
    OrganizationKey second = keys.rotate(acme);
    put(acme, "new", "two");

    assertThat(second.number()).isEqualTo(2);
    assertThat(reveal(acme, "old")).isEqualTo("one");
    assertThat(reveal(SecretVault.of(plane(masterKeys(1))), acme, "new")).isEqualTo("two");
    KeysReport.OrganizationKeys found = keys.doctor(acme);
    assertThat(found.keys().stream().map(KeyState::number)).containsExactly(1, 2);
    assertThat(found.keys().stream().map(KeyState::versions)).containsExactly(1L, 1L);
    assertThat(found.versionsUnderOldKeys()).isEqualTo(1);
    assertThat(found.keys()).allSatisfy(key -> assertThat(key.encryptions()).isPositive());
    assertThat(actions(acme)).contains("organization_key.created", "organization_key.rotated");
    assertThat(keys.doctor(globex).keys()).isEmpty();
  }

  @Test
  void rotationOfAnOrganizationWithoutKeysMakesItsFirst() {
    assertThat(keys.rotate(acme).number()).isEqualTo(1);
    assertThat(keys.rotate(acme).number()).isEqualTo(2);
  }

  @Test
  void whatSeveralNodesRotateAtOnceIsOneRing() {
    put(acme, "name", "one");
    List<VaultKeys> nodes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      nodes.add(VaultKeys.of(SecretVault.of(plane(masterKeys(1)))));
    }

    List<OrganizationKey> made = Race.of(4, i -> nodes.get(i).rotate(acme));

    List<KeyState> ring = keys.doctor(acme).keys();
    Set<String> ids = new HashSet<>();
    made.forEach(key -> ids.add(key.id()));
    assertThat(ring.stream().map(KeyState::number).toList())
        .isEqualTo(java.util.stream.IntStream.rangeClosed(1, ring.size()).boxed().toList());
    assertThat(ids).hasSize(ring.size() - 1);
    assertThat(actions(acme).stream().filter("organization_key.rotated"::equals))
        .hasSize(ring.size() - 1);
    assertThat(reveal(acme, "name")).isEqualTo("one");
  }

  @Test
  void keysAreRotatedAtTheirAgeByTheDueWorkAndOncePerNode() {
    put(acme, "name", "one");
    clock.tick(Duration.ofDays(364));
    put(globex, "name", "two");
    plane.runDue(clock.instant());
    assertThat(keys.doctor(acme).keys()).hasSize(1);

    clock.tick(Duration.ofDays(2));
    assertThat(keys.doctor(acme).keys().get(0).due()).isTrue();
    ControlPlane other = plane(masterKeys(1));
    SecretVault.of(other);
    plane.runDue(clock.instant());
    other.runDue(clock.instant());

    assertThat(keys.doctor(acme).keys().stream().map(KeyState::due)).containsExactly(false, false);
    assertThat(keys.doctor(globex).keys()).hasSize(1);
    assertThat(trail(acme).stream().filter(e -> e.action().equals("organization_key.rotated")))
        .singleElement()
        .satisfies(event -> assertThat(event.details()).containsEntry("why", "age"));
  }

  @Test
  void rewrapPutsEveryVersionUnderTheNewestKey() {
    for (int i = 0; i < 7; i++) {
      put(acme, "name-" + i, "one-" + i);
      put(acme, "name-" + i, "two-" + i);
    }
    put(globex, "name", "theirs");
    keys.rotate(acme);
    put(acme, "newer", "three");
    OrganizationKey newest = keys.rotate(acme);

    SecretsRewrap done = keys.rewrapSecrets(acme);

    assertThat(done).isEqualTo(new SecretsRewrap(newest.id(), false, 15, 0));
    assertThat(keys.doctor(acme).keys().stream().map(KeyState::versions))
        .containsExactly(0L, 0L, 15L);
    assertThat(keys.rewrapSecrets(acme).rewrapped()).isZero();
    assertThat(trail(acme).stream().filter(e -> e.action().equals("secrets.rewrapped")))
        .singleElement()
        .satisfies(event -> assertThat(event.details()).containsEntry("versions", "15"));
    SecretVault fresh = SecretVault.of(plane(masterKeys(1)));
    for (int i = 0; i < 7; i++) {
      assertThat(reveal(fresh, acme, "name-" + i)).isEqualTo("two-" + i);
      try (SecretFields fields = fresh.reveal(acme, ref("name-" + i), 1)) {
        assertThat(fields.value().string(SecretAccess.get())).isEqualTo("one-" + i);
      }
    }
    assertThat(reveal(fresh, globex, "name")).isEqualTo("theirs");
  }

  @Test
  void unusedKeysAreDestroyedAndUsedOnesAndTheNewestStay() {
    put(acme, "name", "one");
    keys.rotate(acme);
    put(acme, "other", "two");
    keys.rotate(acme);
    clock.tick(Duration.ofHours(2));
    assertThat(keys.destroyUnusedKeys(acme)).isEmpty();

    keys.rewrapSecrets(acme);
    assertThat(keys.destroyUnusedKeys(acme).stream().map(OrganizationKey::number))
        .containsExactly(1, 2);

    assertThat(keys.doctor(acme).keys().stream().map(KeyState::number)).containsExactly(3);
    assertThat(reveal(SecretVault.of(plane(masterKeys(1))), acme, "name")).isEqualTo("one");
    assertThat(keys.rotate(acme).number()).isEqualTo(4);
  }

  @Test
  void aDestroyedVersionHoldsNoKey() {
    put(acme, "name", "one");
    put(acme, "name", "two");
    vault.destroyVersion(acme, ref("name"), 1);
    for (int i = 0; i < 4; i++) {
      try (SecretValue value = SecretValue.of("value " + i)) {
        vault.put(acme, ref("few"), NewSecret.of(value).keeping(2));
      }
    }
    put(acme, "all", "three");
    vault.destroyVersion(acme, ref("all"), 1);
    assertThat(keys.doctor(acme).keys().get(0).versions()).as("those that open").isEqualTo(3);
    OrganizationKey newest = keys.rotate(acme);
    clock.tick(Duration.ofHours(2));
    assertThat(keys.planKeyDestruction(acme)).isEmpty();
    assertThat(keys.doctor(acme).versionsUnderOldKeys()).isEqualTo(3);

    assertThat(keys.rewrapSecrets(acme)).isEqualTo(new SecretsRewrap(newest.id(), false, 3, 0));

    KeysReport.OrganizationKeys found = keys.doctor(acme);
    assertThat(found.versionsUnderOldKeys()).isZero();
    assertThat(found.problems()).isEmpty();
    assertThat(keys.destroyUnusedKeys(acme).stream().map(OrganizationKey::number))
        .containsExactly(1);
    assertThat(vault.versions(acme, ref("name")).get(0).state())
        .isEqualTo(SecretVersion.State.DESTROYED);
    assertThat(vault.versions(acme, ref("all"))).hasSize(1);
    SecretVault fresh = SecretVault.of(plane(masterKeys(1)));
    assertThat(reveal(fresh, acme, "name")).isEqualTo("two");
    assertThat(reveal(fresh, acme, "few")).isEqualTo("value 3");
    assertThatThrownBy(() -> reveal(fresh, acme, "all")).isInstanceOf(NotFoundException.class);
    put(acme, "all", "four");
    assertThat(reveal(acme, "all")).isEqualTo("four");
  }

  /** On another node the last version leaves its key, which is then destroyed. */
  private List<OrganizationKey> replaceKeys() {
    keys.rotate(acme);
    clock.tick(Duration.ofHours(2));
    keys.rewrapSecrets(acme);
    return keys.destroyUnusedKeys(acme);
  }

  /** A vault that has no key in memory, and beside which that happens after this verb. */
  private SecretVault besideReplacement(String verb, List<OrganizationKey> destroyed) {
    AtomicBoolean armed = new AtomicBoolean(true);
    Storage hooked =
        new VerbHooks(
            harness.storage(),
            answered -> {
              if (answered.equals(verb) && armed.getAndSet(false)) {
                destroyed.addAll(replaceKeys());
              }
            });
    return SecretVault.of(plane(hooked, masterKeys(1)));
  }

  @Test
  void aReaderWhoseKeyIsDestroyedAfterItReadTheRowReadsOn() {
    put(acme, "name", "one");
    List<OrganizationKey> destroyed = new ArrayList<>();

    String revealed = reveal(besideReplacement("SecretStore.open", destroyed), acme, "name");
    String used =
        besideReplacement("SecretStore.open", destroyed)
            .use(acme, ref("name"), "try", value -> value.string(SecretAccess.get()));

    assertThat(destroyed.stream().map(OrganizationKey::number)).containsExactly(1, 2);
    assertThat(revealed).isEqualTo("one");
    assertThat(used).isEqualTo("one");
    assertThat(actions(acme)).doesNotContain("secret.rejected");
    assertThat(actions(acme).stream().filter("secret.revealed"::equals)).hasSize(1);
  }

  @Test
  void aReaderOfAVersionThatIsDestroyedMeanwhileIsToldThatItIsNotThere() {
    put(acme, "name", "one");
    AtomicBoolean armed = new AtomicBoolean(true);
    Storage hooked =
        new VerbHooks(
            harness.storage(),
            answered -> {
              if (answered.equals("SecretStore.open") && armed.getAndSet(false)) {
                vault.destroyVersion(acme, ref("name"), 1);
                replaceKeys();
              }
            });
    SecretVault late = SecretVault.of(plane(hooked, masterKeys(1)));

    assertThatThrownBy(() -> reveal(late, acme, "name")).isInstanceOf(NotFoundException.class);
    assertThat(actions(acme)).doesNotContain("secret.rejected");
  }

  @Test
  void whatAnotherNodeHasRewrappedMeanwhileDoesNotCountAsFailed() {
    put(acme, "name", "one");
    keys.rotate(acme);
    List<OrganizationKey> destroyed = new ArrayList<>();
    VaultKeys late = VaultKeys.of(besideReplacement("SecretRewrapStore.notUnder", destroyed));

    SecretsRewrap done = late.rewrapSecrets(acme);

    assertThat(destroyed.stream().map(OrganizationKey::number)).containsExactly(1, 2);
    assertThat(done.rewrapped()).isZero();
    assertThat(done.failed()).isZero();
    List<OrganizationKey> more = new ArrayList<>();
    keys.rotate(acme);
    SecretsRewrap planned =
        VaultKeys.of(besideReplacement("SecretRewrapStore.notUnder", more)).planSecretsRewrap(acme);
    assertThat(more).isNotEmpty();
    assertThat(planned.rewrapped()).isZero();
    assertThat(planned.failed()).isZero();
    assertThat(reveal(acme, "name")).isEqualTo("one");
  }

  @Test
  void whatWouldBeDoneIsToldAndNothingIsDone() {
    assertThat(keys.planSecretsRewrap(acme)).isEqualTo(new SecretsRewrap("", true, 0, 0));
    assertThat(keys.planKeyDestruction(acme)).isEmpty();
    put(acme, "name", "one");
    put(acme, "name", "two");
    OrganizationKey newest = keys.rotate(acme);
    put(acme, "newer", "three");
    clock.tick(Duration.ofHours(2));
    KeysReport.OrganizationKeys found = keys.doctor(acme);
    List<AuditEvent> before = trail(acme);

    assertThat(keys.planSecretsRewrap(acme)).isEqualTo(new SecretsRewrap(newest.id(), true, 2, 0));
    assertThat(keys.planKeyDestruction(acme)).isEmpty();

    assertThat(keys.doctor(acme)).isEqualTo(found);
    assertThat(trail(acme)).isEqualTo(before);
    keys.rewrapSecrets(acme);
    assertThat(keys.planSecretsRewrap(acme).rewrapped()).isZero();
    List<OrganizationKey> planned = keys.planKeyDestruction(acme);
    assertThat(planned.stream().map(OrganizationKey::number)).containsExactly(1);
    assertThat(keys.doctor(acme).keys()).hasSize(2);
    assertThat(keys.destroyUnusedKeys(acme)).isEqualTo(planned);
  }

  /** The 500th version is the first of a secret that has two. */
  @Test
  void moreVersionsThanOnePageAreAllRewrapped() {
    harness.inTransaction(
        acme,
        joined -> {
          for (int i = 0; i < 520; i++) {
            put(joined, "name-" + i, "one-" + i);
            if (i % 2 == 0) {
              put(joined, "name-" + i, "two-" + i);
            }
          }
          return true;
        });
    OrganizationKey newest = keys.rotate(acme);
    assertThat(keys.planSecretsRewrap(acme))
        .isEqualTo(new SecretsRewrap(newest.id(), true, 780, 0));

    assertThat(keys.rewrapSecrets(acme)).isEqualTo(new SecretsRewrap(newest.id(), false, 780, 0));

    assertThat(keys.doctor(acme).versionsUnderOldKeys()).isZero();
    assertThat(
            trail(acme).stream()
                .filter(event -> event.action().equals("secrets.rewrapped"))
                .map(event -> event.details().get("versions")))
        .containsExactly("500", "280");
    SecretVault fresh = SecretVault.of(plane(masterKeys(1)));
    for (int i = 0; i < 520; i += 13) {
      assertThat(reveal(fresh, acme, "name-" + i)).isEqualTo((i % 2 == 0 ? "two-" : "one-") + i);
    }
  }

  @Test
  void aKeyThatWasSupersededJustNowStays() {
    put(acme, "name", "one");
    keys.rotate(acme);
    keys.rewrapSecrets(acme);
    assertThat(keys.destroyUnusedKeys(acme)).isEmpty();
  }

  @Test
  void rewrapRunsBesideReadersWritersAndDeletions() {
    int names = 24;
    for (int i = 0; i < names; i++) {
      put(acme, "name-" + i, "start");
    }
    AtomicBoolean over = new AtomicBoolean();
    Race.of(
        4,
        thread -> {
          switch (thread) {
            case 0 -> {
              try {
                for (int round = 0; round < 4; round++) {
                  keys.rotate(acme);
                  keys.rewrapSecrets(acme);
                }
              } finally {
                over.set(true);
              }
            }
            case 1 -> {
              do {
                for (int i = 0; i < names / 2; i++) {
                  assertThat(reveal(acme, "name-" + i)).isIn("start", "later");
                }
              } while (!over.get());
            }
            case 2 -> {
              for (int i = 0; i < names / 2; i++) {
                put(acme, "name-" + i, "later");
              }
            }
            default -> {
              for (int i = names / 2; i < names; i++) {
                vault.delete(acme, ref("name-" + i));
              }
            }
          }
          return true;
        });

    keys.rewrapSecrets(acme);
    assertThat(keys.doctor(acme).versionsUnderOldKeys()).isZero();
    SecretVault fresh = SecretVault.of(plane(masterKeys(1)));
    for (int i = 0; i < names / 2; i++) {
      assertThat(reveal(fresh, acme, "name-" + i)).isEqualTo("later");
    }
    for (int i = names / 2; i < names; i++) {
      SecretRef gone = ref("name-" + i);
      assertThatThrownBy(() -> fresh.get(acme, gone)).isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void masterKeyIsReplacedAndTheOldOneRetired() {
    put(acme, "name", "acme's");
    keys.rotate(acme);
    put(globex, "name", "globex's");
    String old = masterKey(1).id();
    plane.runDue(clock.instant());
    ControlPlane second = plane(masterKeys(2, 1));
    VaultKeys moving = VaultKeys.of(SecretVault.of(second));

    MasterKeyRewrap plan = moving.planMasterKeyRewrap(operator);
    assertThat(plan.rewrapped()).isEqualTo(3);
    assertThat(plan.isComplete()).isFalse();
    assertThat(moving.doctor(operator).organizationsUnderOldMasterKeys()).isEqualTo(2);
    clock.tick(Duration.ofHours(2));
    second.runDue(clock.instant());
    assertThatThrownBy(() -> moving.retireMasterKey(operator, old))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("organization");

    MasterKeyRewrap done = moving.rewrapMasterKey(operator);

    assertThat(done.rewrapped()).isEqualTo(3);
    assertThat(done.isComplete()).isTrue();
    assertThat(moving.planMasterKeyRewrap(operator).isComplete()).isTrue();
    assertThat(actions(acme)).contains("organization_keys.rewrapped");
    assertThat(reveal(SecretVault.of(plane(masterKeys(1, 2))), acme, "name"))
        .as("a node that has both and wraps with the old one")
        .isEqualTo("acme's");
    assertThat(codes(moving.doctor(operator))).contains("keys.master-key-unused");
    assertThatThrownBy(() -> moving.retireMasterKey(operator, masterKey(2).id()))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> moving.retireMasterKey(operator, masterKey(3).id()))
        .isInstanceOf(NotFoundException.class);
    assertCode(ErrorCode.MASTER_KEY_MISMATCH, () -> plane(masterKeys(2)));

    moving.retireMasterKey(operator, old);

    SecretVault fresh = SecretVault.of(plane(masterKeys(2)));
    assertThat(reveal(fresh, acme, "name")).isEqualTo("acme's");
    assertThat(reveal(fresh, globex, "name")).isEqualTo("globex's");
    assertThat(reveal(SecretVault.of(plane(masterKeys(2, 1))), acme, "name")).isEqualTo("acme's");
    assertCode(ErrorCode.MASTER_KEY_MISMATCH, () -> plane(masterKeys(1)));
    assertCode(ErrorCode.MASTER_KEY_MISMATCH, () -> plane(masterKeys(1, 2)));
    assertThat(VaultKeys.of(fresh).doctor(operator).masterKeys().stream().map(k -> k.status()))
        .containsExactly(MasterKeyStatus.CURRENT, MasterKeyStatus.RETIRED);
    // A node that still runs with the old key makes no key that nobody could open.
    assertCode(ErrorCode.MASTER_KEY_MISMATCH, () -> keys.rotate(acme));
  }

  private static List<String> codes(KeysReport report) {
    return report.problems().stream().map(ReadinessIssue::code).toList();
  }

  @Test
  void manyNodesThatWrapAnewAtOnceDoItOnce() {
    put(acme, "name", "acme's");
    put(globex, "name", "globex's");
    List<VaultKeys> nodes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      nodes.add(VaultKeys.of(SecretVault.of(plane(masterKeys(2, 1)))));
    }

    List<MasterKeyRewrap> done = Race.of(4, i -> nodes.get(i).rewrapMasterKey(operator));

    assertThat(done).allMatch(MasterKeyRewrap::isComplete);
    assertThat(done.stream().mapToLong(MasterKeyRewrap::rewrapped).sum()).isEqualTo(2);
    assertThat(actions(acme).stream().filter("organization_keys.rewrapped"::equals)).hasSize(1);
    assertThat(reveal(SecretVault.of(plane(masterKeys(2, 1))), acme, "name")).isEqualTo("acme's");
  }

  @Test
  void anErasedOrganizationAnswersAsSuchForEver() {
    put(acme, "name", "acme's");
    put(globex, "name", "globex's");
    SecretVault other = SecretVault.of(plane(masterKeys(1)));
    assertThat(reveal(other, acme, "name")).isEqualTo("acme's");
    String keyId = keys.doctor(acme).keys().get(0).id();

    Erasure erasure = keys.eraseOrganization(operator, ACME);

    assertThat(erasure.keys()).containsExactly(new Erasure.ErasedKey(keyId, masterKey(1).id()));
    assertThat(erasure.masterKeyIds()).containsExactly(masterKey(1).id());
    assertThat(erasure.actor()).isEqualTo(operator.actor());
    assertThat(erasure.reason()).isEqualTo(operator.reason());
    assertCode(ErrorCode.ORGANIZATION_ERASED, () -> reveal(acme, "name"));
    assertCode(
        ErrorCode.ORGANIZATION_ERASED,
        () -> vault.use(acme, ref("name"), "try", value -> value.length()));
    assertCode(ErrorCode.ORGANIZATION_ERASED, () -> put(acme, "name", "again"));
    assertCode(ErrorCode.ORGANIZATION_ERASED, () -> put(acme, "fresh", "again"));
    assertCode(ErrorCode.ORGANIZATION_ERASED, () -> keys.rotate(acme));
    // Another node: what it has in memory goes within five minutes, and it puts nothing at once.
    assertCode(
        ErrorCode.ORGANIZATION_ERASED,
        () -> {
          try (SecretValue value = SecretValue.of("x")) {
            other.put(acme, ref("name"), value);
          }
        });
    clock.tick(Duration.ofMinutes(5).plusMillis(1));
    assertCode(ErrorCode.ORGANIZATION_ERASED, () -> reveal(other, acme, "name"));
    assertThat(reveal(globex, "name")).isEqualTo("globex's");

    assertThat(keys.eraseOrganization(operator, ACME)).isEqualTo(erasure);
    assertThat(keys.erasures(acme)).containsExactly(erasure);
    assertThat(keys.erasures(globex)).isEmpty();
    KeysReport.OrganizationKeys found = keys.doctor(acme);
    assertThat(found.erased()).isTrue();
    assertThat(found.keys()).isEmpty();
    assertThat(plane.audit().verify(acme)).isInstanceOf(ChainVerification.Intact.class);
    assertThat(actions(acme)).contains("organization.erased");
    assertThat(keys.applyErasures(operator)).isZero();
  }

  @Test
  void tokensOfAnErasedOrganizationAreForgotten() {
    for (TenantContext context : List.of(acme, globex)) {
      put(context, "name", "x");
      LedgerEntry token =
          new LedgerEntry(
              context.organization(),
              "livekit",
              Environment.PRODUCTION,
              "tok_1",
              "ada",
              "hall",
              "standard",
              "",
              clock.instant(),
              clock.instant().plusSeconds(60),
              context.actor());
      stores
          .tokenLedger()
          .append(
              context, List.of(token), List.of(samples.event(context.organization(), "issued")));
    }

    keys.eraseOrganization(operator, ACME);

    assertThat(stores.tokenLedger().find(acme, "livekit", "tok_1")).isEmpty();
    assertThat(stores.tokenLedger().find(globex, "livekit", "tok_1")).isPresent();
  }

  @Test
  void anErasureIsSignedAndEveryPartOfItCounts() {
    put(acme, "name", "acme's");
    Erasure erasure = keys.eraseOrganization(operator, ACME);

    assertThat(erasure.isSigned()).isTrue();
    assertThat(Erasure.parse(erasure.text())).isEqualTo(erasure);
    String[] parts = erasure.text().split(" ", -1);
    for (int i = 1; i < parts.length; i++) {
      String[] changed = parts.clone();
      changed[i] = changed(changed[i]);
      boolean passes;
      try {
        passes = Erasure.parse(String.join(" ", changed)).isSigned();
      } catch (TenantkitException e) {
        passes = false;
      }
      assertThat(passes).as("part " + i).isFalse();
    }
    assertThat(erasure.text()).doesNotContain("acme's");
  }

  private static String changed(String part) {
    if (part.equals("-")) {
      return "sec_1";
    }
    if (part.startsWith("2026")) {
      return part.replace("2026", "2025");
    }
    char first = part.charAt(0);
    return (first == 'a' ? 'b' : 'a') + part.substring(1);
  }

  @Test
  void anErasureIsFinalOnceItsMasterKeysAreRetired() {
    put(acme, "name", "acme's");
    put(globex, "name", "globex's");
    keys.eraseOrganization(operator, ACME);
    assertThat(keys.doctor(operator).erasures())
        .singleElement()
        .satisfies(
            state -> {
              assertThat(state.isGenuine()).isTrue();
              assertThat(state.isFinal()).isFalse();
            });
    clock.tick(Duration.ofHours(2));
    ControlPlane second = plane(masterKeys(2, 1));
    VaultKeys moving = VaultKeys.of(SecretVault.of(second));
    moving.rewrapMasterKey(operator);
    second.runDue(clock.instant());
    assertThat(codes(moving.doctor(operator))).contains("keys.erasure-not-final");

    moving.retireMasterKey(operator, masterKey(1).id());

    VaultKeys after = VaultKeys.of(SecretVault.of(plane(masterKeys(2))));
    assertThat(after.doctor(operator).erasures())
        .singleElement()
        .satisfies(
            state -> {
              assertThat(state.isGenuine()).as("without the erased keys' master key").isTrue();
              assertThat(state.isFinal()).isTrue();
            });
    assertThat(codes(after.doctor(operator))).doesNotContain("keys.erasure-not-final");
    assertThat(after.doctor(operator).toString()).doesNotContain("globex's");
  }

  private WrappedKeyStore erasureRows() {
    return harness.storage().stores(VaultStores.class).orElseThrow().erasures().keys();
  }

  /**
   * What somebody with the application's role may write to the table of keys that sign erasures.
   */
  @Test
  void rowsOfAnybodysMakingDoNotHoldUpTheReplacementOfAMasterKey() {
    put(acme, "name", "acme's");
    keys.eraseOrganization(operator, ACME);
    WrappedKey real = erasureRows().all().get(0);
    String old = masterKey(1).id();
    String next = masterKey(2).id();
    clock.tick(Duration.ofHours(2));
    ControlPlane second = plane(masterKeys(2, 1));
    VaultKeys moving = VaultKeys.of(SecretVault.of(second));
    for (WrappedKey row :
        List.of(
            new WrappedKey(real.id(), next, new byte[] {1}, START),
            new WrappedKey("anotherone", old, new byte[] {2}, START),
            new WrappedKey("anotherone", next, real.wrapped(), START))) {
      erasureRows().add(row);
    }
    moving.rewrapMasterKey(operator);
    second.runDue(clock.instant());

    moving.retireMasterKey(operator, old);

    VaultKeys after = VaultKeys.of(SecretVault.of(plane(masterKeys(2))));
    assertThat(after.doctor(operator).erasures())
        .singleElement()
        .satisfies(state -> assertThat(state.isGenuine()).isTrue());
    assertThat(erasureRows().all().stream().map(WrappedKey::masterKeyId)).containsOnly(next);
  }

  /**
   * A copy under the other master key's name opens as long as the old one is there, and no longer.
   */
  @Test
  void aCopyUnderAnotherMasterKeysNameIsNoWrappingByIt() {
    put(acme, "name", "acme's");
    keys.eraseOrganization(operator, ACME);
    WrappedKey real = erasureRows().all().get(0);
    clock.tick(Duration.ofHours(2));
    ControlPlane second = plane(masterKeys(2, 1));
    VaultKeys moving = VaultKeys.of(SecretVault.of(second));
    erasureRows().add(new WrappedKey(real.id(), masterKey(2).id(), real.wrapped(), START));
    moving.rewrapMasterKey(operator);
    second.runDue(clock.instant());
    moving.retireMasterKey(operator, masterKey(1).id());

    VaultKeys after = VaultKeys.of(SecretVault.of(plane(masterKeys(2))));
    assertThat(after.doctor(operator).erasures())
        .singleElement()
        .satisfies(state -> assertThat(state.isGenuine()).isTrue());
  }

  @Test
  void marksStayTheSameOnAllNodesAndAfterTheMasterKeyWasReplaced() {
    List<String> marked =
        Race.of(4, i -> SecretVault.of(plane(masterKeys(1))).marker().keyMark("APIkey"));
    assertThat(new HashSet<>(marked)).hasSize(1);
    assertThat(vault.marker().keyMark("APIother")).isNotEqualTo(marked.get(0));
    plane.runDue(clock.instant());
    clock.tick(Duration.ofHours(2));
    ControlPlane second = plane(masterKeys(2, 1));
    VaultKeys moving = VaultKeys.of(SecretVault.of(second));
    moving.rewrapMasterKey(operator);
    second.runDue(clock.instant());

    moving.retireMasterKey(operator, masterKey(1).id());

    SecretVault after = SecretVault.of(plane(masterKeys(2)));
    assertThat(after.marker().keyMark("APIkey")).isEqualTo(marked.get(0));
    assertThat(
            harness
                .storage()
                .stores(VaultStores.class)
                .orElseThrow()
                .credentialMarks()
                .keys()
                .all())
        .extracting(WrappedKey::masterKeyId)
        .containsExactly(masterKey(2).id());
  }

  /** What somebody with the application's role may write to the table of the marks' key. */
  @Test
  void rowsOfAnybodysMakingDoNotChangeTheMarks() {
    String mark = vault.marker().keyMark("APIkey");
    WrappedKeyStore rows =
        harness.storage().stores(VaultStores.class).orElseThrow().credentialMarks().keys();
    WrappedKey real = rows.all().get(0);
    String old = masterKey(1).id();
    String next = masterKey(2).id();
    clock.tick(Duration.ofHours(2));
    ControlPlane second = plane(masterKeys(2, 1));
    VaultKeys moving = VaultKeys.of(SecretVault.of(second));
    for (WrappedKey row :
        List.of(
            new WrappedKey(real.id(), next, real.wrapped(), START),
            new WrappedKey("another", old, new byte[] {2}, START.minusSeconds(1)),
            new WrappedKey("another", next, real.wrapped(), START.minusSeconds(1)))) {
      rows.add(row);
    }
    assertThat(SecretVault.of(plane(masterKeys(2, 1))).marker().keyMark("APIkey")).isEqualTo(mark);
    moving.rewrapMasterKey(operator);
    second.runDue(clock.instant());

    moving.retireMasterKey(operator, old);

    assertThat(SecretVault.of(plane(masterKeys(2))).marker().keyMark("APIkey")).isEqualTo(mark);
  }

  @Test
  void aNodeWhoseMasterKeyWasRetiredSignsNothingThatNobodyCouldTell() {
    put(acme, "name", "acme's");
    plane.runDue(clock.instant());
    clock.tick(Duration.ofHours(2));
    ControlPlane second = plane(masterKeys(2, 1));
    VaultKeys moving = VaultKeys.of(SecretVault.of(second));
    moving.rewrapMasterKey(operator);
    second.runDue(clock.instant());
    moving.retireMasterKey(operator, masterKey(1).id());

    assertCode(
        ErrorCode.MASTER_KEY_MISMATCH, () -> keys.eraseSecret(acme, ref("name"), "too late"));
    assertThat(erasureRows().all()).isEmpty();
    assertThat(reveal(SecretVault.of(second), acme, "name")).isEqualTo("acme's");
    assertThat(moving.eraseSecret(acme, ref("name"), "now").isSigned()).isTrue();
  }

  @Test
  void noKeyIsMadeForAnOrganizationWhileItIsErased() {
    for (int round = 0; round < 8; round++) {
      io.tenantkit.tenant.OrganizationId id =
          io.tenantkit.tenant.OrganizationId.of("round-" + round);
      addOrganization(id);
      TenantContext context = TenantContext.trusted(id, "contract");
      put(context, "name", "one");
      SecretVault other = SecretVault.of(plane(masterKeys(1)));
      Race.of(
          3,
          i -> {
            try {
              if (i == 0) {
                keys.eraseOrganization(operator, id);
              } else if (i == 1) {
                VaultKeys.of(other).rotate(context);
              } else {
                try (SecretValue value = SecretValue.of("x")) {
                  other.put(context, ref("other"), value);
                }
              }
            } catch (TenantkitException e) {
              assertThat(i).as("the erasure itself").isNotZero();
            }
            return true;
          });
      assertThat(keys.doctor(context).keys()).as("round " + round).isEmpty();
    }
  }

  @Test
  void anErasedSecretIsGoneAndTheOthersStay() {
    put(acme, "name", "one");
    put(acme, "other", "two");
    Erasure erasure = keys.eraseSecret(acme, ref("name"), "the customer asked");

    assertThat(erasure.secret()).isPresent();
    assertThat(erasure.keys()).hasSize(1);
    assertThat(erasure.isSigned()).isTrue();
    assertThatThrownBy(() -> reveal(acme, "name")).isInstanceOf(NotFoundException.class);
    assertThat(reveal(acme, "other")).isEqualTo("two");
    put(acme, "name", "another secret");
    assertThat(reveal(acme, "name")).isEqualTo("another secret");
    assertThat(keys.applyErasures(operator)).isZero();
    assertThat(reveal(acme, "name")).isEqualTo("another secret");
    assertThatThrownBy(() -> keys.eraseSecret(acme, ref("unknown"), "x"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> keys.eraseSecret(globex, ref("other"), "x"))
        .isInstanceOf(NotFoundException.class);
    AuditEvent last =
        trail(acme).stream()
            .filter(e -> e.action().equals("secret.erased"))
            .findFirst()
            .orElseThrow();
    assertThat(last.details()).containsEntry("reason", "the customer asked");
    assertThat(plane.audit().verify(acme)).isInstanceOf(ChainVerification.Intact.class);
  }

  @Test
  void aSecretThatWasDeletedIsErasedAndDoesNotComeBackForIt() {
    put(acme, "name", "one");
    vault.delete(acme, ref("name"));

    Erasure erasure = keys.eraseSecret(acme, ref("name"), "deleted, then asked for");

    assertThat(erasure.keys()).hasSize(1);
    assertThat(actions(acme)).doesNotContain("secret.undeleted");
    assertThatThrownBy(() -> vault.undelete(acme, ref("name")))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> keys.eraseSecret(acme, ref("name"), "again"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void everyCallNeedsItsScope() {
    put(acme, "name", "one");
    List<Scope> others = List.of(Scopes.SECRETS_READ, Scopes.SECRETS_USE, Scopes.SECRETS_WRITE);
    TenantContext weak = acme.limitedTo(ScopeSet.of(others));
    for (Runnable call :
        List.<Runnable>of(
            () -> keys.rotate(weak),
            () -> keys.rewrapSecrets(weak),
            () -> keys.planSecretsRewrap(weak),
            () -> keys.destroyUnusedKeys(weak),
            () -> keys.planKeyDestruction(weak),
            () -> keys.doctor(weak),
            () -> keys.erasures(weak),
            () -> keys.eraseSecret(weak, ref("name"), "x"))) {
      assertCode(ErrorCode.ACCESS_DENIED, call);
    }
    TenantContext only = acme.limitedTo(ScopeSet.of(List.of(Scopes.KEYS_MANAGE)));
    assertCode(ErrorCode.ACCESS_DENIED, () -> keys.eraseSecret(only, ref("name"), "x"));
    assertThat(keys.rotate(only).number()).isEqualTo(2);
  }

  @Test
  void aTenantSeesAndChangesItsOwnKeysOnly() {
    put(acme, "name", "one");
    put(globex, "name", "two");
    List<AuditEvent> before = trail(acme);
    KeysReport.OrganizationKeys found = keys.doctor(acme);

    keys.rotate(globex);
    keys.rewrapSecrets(globex);
    keys.destroyUnusedKeys(globex);
    keys.rotate(globex);

    assertThat(keys.doctor(acme)).isEqualTo(found);
    assertThat(trail(acme)).isEqualTo(before);
    assertThatThrownBy(() -> keys.rotate(nobody)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> keys.rewrapSecrets(nobody)).isInstanceOf(NotFoundException.class);
    assertThat(keys.doctor(nobody).keys()).isEmpty();
  }

  @Test
  void workOfAnOperatorIsRefusedInsideATransaction() {
    put(acme, "name", "one");
    assertCode(
        ErrorCode.JOINED_TRANSACTION_REFUSED,
        () -> harness.inTransaction(operator, joined -> keys.eraseOrganization(joined, ACME)));
    assertCode(
        ErrorCode.JOINED_TRANSACTION_REFUSED,
        () -> harness.inTransaction(acme, joined -> keys.rewrapSecrets(joined)));
    assertThat(reveal(acme, "name")).isEqualTo("one");
    assertThat(harness.inTransaction(acme, joined -> keys.rotate(joined)).number()).isEqualTo(2);
    put(acme, "name", "two");
    assertThat(reveal(acme, "name")).isEqualTo("two");
  }

  @Test
  void anUnknownOrganizationIsNotErased() {
    assertThatThrownBy(() -> keys.eraseOrganization(operator, NOBODY))
        .isInstanceOf(NotFoundException.class);
    assertThat(keys.doctor(Operator.trusted("ops", "look")).erasures()).isEmpty();
  }
}
