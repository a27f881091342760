package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.START;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.text;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVersion.State;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stages, deletion, expiry, destination, descriptions, search and batches, through the vault. */
class SecretLifeTest {
  private final VaultHouse house = new VaultHouse();
  private final SecretVault vault = house.vault;
  private final TenantContext acme = house.acme;

  @AfterEach
  void close() {
    house.close();
  }

  @Test
  void aPendingVersionIsTriedPromotedRolledBackAndRetired() {
    vault.put(acme, REF, value("one"));
    Secret pending = vault.put(acme, REF, NewSecret.of(value("two")).asPending());
    assertThat(pending.stages())
        .isEqualTo(new SecretStages(2, 1, OptionalLong.of(2), OptionalLong.empty()));
    assertThat(house.reveal(acme, REF)).isEqualTo("one");
    assertThat(reveal(Stage.PENDING)).isEqualTo("two");
    assertNotFound(() -> vault.reveal(acme, REF, Stage.PREVIOUS));

    assertThat(vault.promote(acme, REF, 2).currentVersion()).isEqualTo(2);
    assertThat(house.reveal(acme, REF)).isEqualTo("two");
    assertThat(reveal(Stage.PREVIOUS)).isEqualTo("one");
    assertNotFound(() -> vault.reveal(acme, REF, Stage.PENDING));

    vault.rollBack(acme, REF);
    assertThat(house.reveal(acme, REF)).isEqualTo("one");
    assertThat(reveal(Stage.PREVIOUS)).isEqualTo("two");
    vault.rollBack(acme, REF);
    vault.retire(acme, REF);
    assertThat(house.reveal(acme, REF)).isEqualTo("two");
    assertNotFound(() -> vault.reveal(acme, REF, Stage.PREVIOUS));
    assertThat(house.reveal(acme, REF, 1)).as("by its number").isEqualTo("one");
    assertConflict(() -> vault.rollBack(acme, REF));
    assertConflict(() -> vault.retire(acme, REF));
    assertConflict(() -> vault.promote(acme, REF, 1));

    Secret third = vault.put(acme, REF, value("three"));
    assertThat(third.stages())
        .isEqualTo(new SecretStages(3, 3, OptionalLong.empty(), OptionalLong.of(2)));
    assertThat(house.actions(acme))
        .filteredOn(action -> !action.equals("secret.revealed"))
        .containsExactly(
            "organization.created",
            "organization_key.created",
            "secret.created",
            "secret.version_added",
            "secret.promoted",
            "secret.rolled_back",
            "secret.rolled_back",
            "secret.retired",
            "secret.version_added");
  }

  @Test
  void aSecretMayBeginAsPending() {
    Secret secret = vault.put(acme, REF, NewSecret.of(value("one")).asPending());
    assertThat(secret.currentVersion()).isZero();
    assertNotFound(() -> vault.reveal(acme, REF));
    assertConflict(() -> vault.put(acme, REF, NewSecret.of(value("x")).onlyNew()));
    vault.promote(acme, REF, 1);
    assertThat(house.reveal(acme, REF)).isEqualTo("one");
    assertThat(vault.get(acme, REF).stages().previous()).isEmpty();
  }

  @Test
  void afterARollBackTheNextVersionHasANewNumber() {
    vault.put(acme, REF, value("one"));
    vault.put(acme, REF, value("two"));
    vault.rollBack(acme, REF);
    assertThat(vault.put(acme, REF, NewSecret.of(value("three")).onlyAfter(1)).currentVersion())
        .isEqualTo(3);
    assertThat(house.reveal(acme, REF, 2)).isEqualTo("two");
  }

  @Test
  void deletedVersionsComeBackAndDestroyedOnesDoNot() {
    vault.put(acme, REF, value("one"));
    vault.put(acme, REF, value("two"));
    vault.deleteVersion(acme, REF, 1);
    assertNotFound(() -> vault.reveal(acme, REF, 1));
    assertNotFound(() -> vault.reveal(acme, REF, Stage.PREVIOUS));
    assertConflict(() -> vault.deleteVersion(acme, REF, 1));
    assertConflict(() -> vault.rollBack(acme, REF));
    vault.undeleteVersion(acme, REF, 1);
    assertThat(house.reveal(acme, REF, 1)).isEqualTo("one");

    Secret after = vault.destroyVersion(acme, REF, 1);
    assertThat(after.stages().previous()).isEmpty();
    assertNotFound(() -> vault.reveal(acme, REF, 1));
    assertConflict(() -> vault.destroyVersion(acme, REF, 1));
    assertConflict(() -> vault.undeleteVersion(acme, REF, 1));
    assertThat(vault.versions(acme, REF))
        .extracting(SecretVersion::state)
        .containsExactly(State.DESTROYED, State.ACTIVE);
    assertThatThrownBy(() -> vault.destroyVersion(acme, REF, 7))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("secret version not found");
    vault.destroyVersion(acme, REF, 2);
    assertNotFound(() -> vault.reveal(acme, REF));
    vault.put(acme, REF, value("three"));
    assertThat(house.reveal(acme, REF)).isEqualTo("three");
  }

  @Test
  void aDeletedSecretAnswersAsAnUnknownOneUntilItIsUndeleted() {
    vault.put(acme, REF, value("one"));
    vault.delete(acme, REF);
    List<Object> before = house.written();
    assertNotFound(() -> vault.get(acme, REF));
    assertNotFound(() -> vault.versions(acme, REF));
    assertNotFound(() -> vault.reveal(acme, REF));
    assertNotFound(() -> vault.use(acme, REF, "try", any -> 1));
    assertNotFound(() -> vault.update(acme, REF, SecretChange.none()));
    assertNotFound(() -> vault.delete(acme, REF));
    assertNotFound(() -> vault.destroyVersion(acme, REF, 1));
    assertConflict(() -> vault.put(acme, REF, value("x")));
    assertThat(vault.getAll(acme, List.of(REF))).isEmpty();
    assertThat(house.listed(acme)).isEmpty();
    assertThat(house.written()).isEqualTo(before);
    assertThat(search(SecretQuery.all().with(SecretStatus.DELETED))).containsExactly("db-password");

    vault.undelete(acme, REF);
    assertThat(house.reveal(acme, REF)).isEqualTo("one");
    assertConflict(() -> vault.undelete(acme, REF));
    vault.delete(acme, REF);
    vault.destroy(acme, REF);
    assertNotFound(() -> vault.undelete(acme, REF));
    assertThat(vault.put(acme, REF, NewSecret.of(value("new")).onlyNew()).currentVersion())
        .isEqualTo(1);
  }

  @Test
  void anExpiredVersionIsNotOpenedAndGoesAfterThirtyDays() {
    vault.put(acme, REF, value("for ever"));
    Instant end = START.plus(Duration.ofHours(1));
    vault.put(acme, REF, NewSecret.of(value("an hour")).expiringAt(end));
    assertThat(house.reveal(acme, REF)).isEqualTo("an hour");
    assertThat(search(SecretQuery.all().expiringBefore(end.plusMillis(1)))).hasSize(1);
    house.clock.tick(Duration.ofHours(1));

    List<AuditEvent> before = house.trail(acme);
    assertExpired(() -> vault.reveal(acme, REF));
    assertExpired(() -> vault.use(acme, REF, "try", any -> 1));
    assertExpired(() -> vault.reveal(acme, REF, 2));
    assertThat(house.trail(acme)).isEqualTo(before);
    assertThat(reveal(Stage.PREVIOUS)).isEqualTo("for ever");
    assertThat(search(SecretQuery.all().with(SecretStatus.EXPIRED))).hasSize(1);
    assertThat(search(SecretQuery.all().with(SecretStatus.ACTIVE))).isEmpty();

    ControlPlane node =
        ControlPlane.builder(house.storage, VaultHouse.masterKeys(1))
            .clock(house.clock)
            .manualMaintenance()
            .build();
    SecretVault.of(node);
    house.clock.tick(Duration.ofDays(29));
    node.runDue(house.clock.instant());
    assertThat(vault.versions(acme, REF).get(1).state()).isEqualTo(State.ACTIVE);
    house.clock.tick(Duration.ofDays(1).plusSeconds(1));
    node.runDue(house.clock.instant());
    node.close();
    assertThat(vault.versions(acme, REF).get(1).state()).isEqualTo(State.DESTROYED);
    AuditEvent last = house.last(acme);
    assertThat(last.action()).isEqualTo("secret.version_destroyed");
    assertThat(last.actor().kind()).isEqualTo(Actor.Kind.SYSTEM);
    assertThat(last.details()).containsEntry("version", "2").containsEntry("reason", "expired");
    assertExpired(() -> vault.reveal(acme, REF));
    vault.rollBack(acme, REF);
    assertThat(house.reveal(acme, REF)).isEqualTo("for ever");
    assertThat(vault.get(acme, REF).expiresAt()).isEmpty();
    assertConflict(() -> vault.rollBack(acme, REF));
  }

  @Test
  void ofManyNodesThatCleanUpOneDestroysEach() throws Exception {
    for (int i = 0; i < 10; i++) {
      vault.put(acme, ref("n" + i), NewSecret.of(value("v")).expiringAt(START.plusSeconds(60)));
    }
    house.clock.tick(Duration.ofDays(31));
    CyclicBarrier together = new CyclicBarrier(4);
    List<Callable<Void>> nodes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      nodes.add(
          () -> {
            ExpiredVersions work = new ExpiredVersions(house.secretRows(), lifecycle());
            together.await();
            work.run(house.clock.instant());
            return null;
          });
    }
    inThreads(nodes);
    assertThat(house.actions(acme)).filteredOn("secret.version_destroyed"::equals).hasSize(10);
  }

  private SecretLifecycle lifecycle() {
    var runtime = house.plane.runtime();
    SecretSealer sealer =
        new SecretSealer(
            new OrganizationKeyRing(
                runtime, house.rows().organizationKeys(), io.tenantkit.secret.SealingKeys.create()),
            io.tenantkit.vault.crypto.SecretEnvelope.of(
                io.tenantkit.secret.SealingKeys.create(), runtime.random()),
            house.rows().secretRewraps());
    return new SecretLifecycle(runtime, house.secretRows(), sealer, new SecretEvents(runtime));
  }

  @Test
  void oldVersionsWithoutAStageAreDestroyedByThePut() {
    for (int i = 1; i <= 4; i++) {
      vault.put(acme, REF, NewSecret.of(value("v" + i)).keeping(3));
    }
    assertNotFound(() -> vault.reveal(acme, REF, 1));
    assertThat(house.reveal(acme, REF, 2)).isEqualTo("v2");
    vault.update(acme, REF, SecretChange.none().keeping(1));
    assertNotFound(() -> vault.reveal(acme, REF, 2));
    assertThat(reveal(Stage.PREVIOUS)).as("it has a stage").isEqualTo("v3");
    assertInvalid(() -> NewSecret.of(value("v")).keeping(0));
    assertInvalid(() -> NewSecret.of(value("v")).keeping(101));
  }

  @Test
  void aDestinationIsBoundAndItsChangeIsToldInTheTrail() {
    Destination there = Destination.hosts("api.example.com");
    vault.put(acme, REF, NewSecret.of(value("v")).to(there));
    try (SecretFields fields = vault.reveal(acme, REF)) {
      assertThat(fields.destination()).isEqualTo(there);
      assertThat(fields.version()).isEqualTo(1);
    }
    assertThat(vault.versions(acme, REF).get(0).destination()).isEqualTo(there);
    vault.put(acme, ref("nowhere"), value("v"));

    for (String changed :
        List.of(
            "",
            "host evil.example.com\n",
            "host api.example.com\nhost evil.example.com\n",
            "host api.example.com",
            "anything",
            "x".repeat(20_000))) {
      SecretVault tampered =
          house.freshVault(DecoratedStorage.changing(read -> redirected(read, changed)));
      int before = house.trail(acme).size();
      assertRejected(() -> tampered.reveal(acme, REF));
      assertRejected(() -> tampered.use(acme, REF, "try", any -> 1));
      assertThat(house.actions(acme).subList(before, before + 4))
          .containsExactly("secret.revealed", "secret.rejected", "secret.used", "secret.rejected");
      assertThat(house.last(acme).details())
          .containsEntry("operation", "use")
          .containsEntry("version", "1")
          .containsEntry("name", "db-password");
      if (!changed.isEmpty()) {
        assertRejected(() -> tampered.reveal(acme, ref("nowhere")));
      }
    }
  }

  private static OpenedSecret redirected(OpenedSecret read, String destination) {
    StoredSecretVersion v = read.version();
    return new OpenedSecret(
        read.secret(),
        new StoredSecretVersion(
            v.number(),
            v.organizationKeyId(),
            v.wrappedDataKey(),
            v.fields(),
            destination,
            v.state(),
            v.expiresAt(),
            v.createdBy(),
            v.createdAt()));
  }

  @Test
  void whatIsSaidChangesByItselfAndOnlyAtTheExpectedRevision() {
    SecretDescription said =
        SecretDescription.of("text", List.of("b", "a"), Map.of("team", "core"));
    Secret put = vault.put(acme, REF, NewSecret.of(value("v")).described(said));
    assertThat(put.description()).isEqualTo(said);
    assertThat(put.tags()).containsExactly("a", "b");
    assertThat(put.owner()).isEqualTo(acme.actor());
    assertThat(vault.put(acme, REF, value("w")).description()).isEqualTo(said);

    Secret changed =
        vault.update(
            acme, REF, SecretChange.none().withTags(List.of("c")).withText("").onlyAtRevision(2));
    assertThat(changed.description())
        .isEqualTo(SecretDescription.of("", List.of("c"), Map.of("team", "core")));
    assertThat(changed.revision()).isEqualTo(3);
    assertThat(vault.get(acme, REF)).isEqualTo(changed);
    assertConflict(
        () -> vault.update(acme, REF, SecretChange.none().withText("x").onlyAtRevision(2)));
    assertThat(house.last(acme).action()).isEqualTo("secret.updated");
    assertThat(house.reveal(acme, REF)).isEqualTo("w");
  }

  @Test
  void descriptionsOutOfBoundsAreRefused() {
    SecretDescription none = SecretDescription.none();
    assertInvalid(() -> none.withText("x".repeat(1_025)));
    assertInvalid(() -> none.withText("a\0"));
    assertInvalid(() -> none.withText("\uD83D"));
    for (String tag : List.of("", "A", "a b", "ä", "x".repeat(65), "a,b")) {
      assertInvalid(() -> none.withTags(List.of(tag)));
      assertInvalid(() -> SecretQuery.all().tagged(tag));
    }
    List<String> tags = new ArrayList<>();
    Map<String, String> metadata = new HashMap<>();
    for (int i = 0; i < 33; i++) {
      tags.add("t" + i);
      metadata.put("k" + i, "v");
    }
    assertInvalid(() -> none.withTags(tags));
    assertInvalid(() -> none.withMetadata(metadata));
    assertInvalid(() -> none.withMetadata(Map.of("x".repeat(65), "v")));
    assertInvalid(() -> none.withMetadata(Map.of("", "v")));
    assertInvalid(() -> none.withMetadata(Map.of("k", "x".repeat(1_025))));
    assertInvalid(() -> SecretChange.none().withText("\n"));
  }

  @Test
  void tooLongValuesAndPastExpiriesAreRefusedNamingTheBound() {
    byte[] most = new byte[1_048_576];
    Map<String, SecretValue> five = new LinkedHashMap<>();
    for (int i = 0; i < 5; i++) {
      five.put("f" + i, SecretValue.takeOver(most.clone()));
    }
    List<Object> before = house.written();
    assertThatThrownBy(() -> vault.put(acme, REF, NewSecret.of("big", five)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("fields: at most 4,194,304 bytes (4 MiB) together");
    for (Instant time : List.of(START, START.minusSeconds(1), Instant.MAX, Instant.MIN)) {
      assertInvalid(() -> vault.put(acme, REF, NewSecret.of(value("v")).expiringAt(time)));
    }
    assertThat(house.written()).isEqualTo(before);
    five.remove("f4");
    vault.put(acme, REF, NewSecret.of("big", five));
  }

  @Test
  void aBatchIsPutWholeOrNotAtAll() {
    SecretRef first = SecretRef.of("fresh", Environment.PRODUCTION, "one");
    SecretRef second = SecretRef.of("fresh", Environment.STAGING, "two");
    vault.put(acme, REF, value("old"));
    Map<SecretRef, NewSecret> wanted = new LinkedHashMap<>();
    wanted.put(first, NewSecret.of(value("1")));
    wanted.put(REF, NewSecret.of(value("new")));
    wanted.put(second, NewSecret.of(value("2")));
    Map<SecretRef, Secret> put = vault.putAll(acme, wanted);
    assertThat(put.keySet()).containsExactly(first, REF, second);
    assertThat(put.get(first).projectId()).isEqualTo(put.get(second).projectId());
    assertThat(house.reveal(acme, REF)).isEqualTo("new");
    assertThat(house.reveal(acme, second)).isEqualTo("2");
    assertThat(vault.getAll(acme, List.of(second, ref("no"), first)).keySet())
        .containsExactly(second, first);

    List<Object> before = house.written();
    wanted.put(REF, NewSecret.of(value("newer")).onlyAfter(1));
    assertConflict(() -> vault.putAll(acme, wanted));
    assertThat(house.written()).isEqualTo(before);
    assertInvalid(() -> vault.putAll(acme, Map.of()));
    Map<SecretRef, NewSecret> many = new HashMap<>();
    for (int i = 0; i < 101; i++) {
      many.put(ref("n" + i), NewSecret.of(value("v")));
    }
    assertInvalid(() -> vault.putAll(acme, many));
    assertInvalid(() -> vault.getAll(acme, List.copyOf(many.keySet())));
    assertInvalid(() -> vault.getAll(acme, List.of(REF, REF)));
  }

  @Test
  void searchesGoByPageAndAForeignCursorIsRefused() {
    for (int i = 0; i < 7; i++) {
      vault.put(acme, ref("db-" + i), value("v"));
    }
    vault.put(acme, ref("other"), value("v"));
    SecretQuery query = SecretQuery.all().named("db-");
    Page<Secret> page = vault.search(acme, query, PageRequest.first(3));
    List<String> names = new ArrayList<>();
    String cursor = page.next().orElseThrow();
    page.items().forEach(secret -> names.add(secret.ref().name()));
    for (Optional<String> next = page.next(); next.isPresent(); next = page.next()) {
      page = vault.search(acme, query, PageRequest.first(3).after(next.get()));
      page.items().forEach(secret -> names.add(secret.ref().name()));
    }
    assertThat(names).containsExactly("db-0", "db-1", "db-2", "db-3", "db-4", "db-5", "db-6");
    assertInvalid(() -> vault.search(acme, SecretQuery.all(), PageRequest.first(3).after(cursor)));
    assertInvalid(
        () ->
            vault.search(
                acme, SecretQuery.all().expiringBefore(START), PageRequest.first(3).after(cursor)));
  }

  /** Each of many changes at once is done, and each has its event. */
  @Test
  void changesAtTheSameTimeAreAllDone() throws Exception {
    vault.put(acme, REF, value("one"));
    CyclicBarrier together = new CyclicBarrier(6);
    List<Callable<Void>> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int thread = i;
      calls.add(
          () -> {
            together.await();
            for (int j = 0; j < 10; j++) {
              if (thread % 2 == 0) {
                vault.update(acme, REF, SecretChange.none().withText("t" + thread + "-" + j));
              } else {
                vault.put(acme, REF, NewSecret.of(value("v")).asPending());
              }
            }
            return null;
          });
    }
    inThreads(calls);
    Secret after = vault.get(acme, REF);
    assertThat(after.revision()).isEqualTo(61);
    assertThat(after.stages().newest()).isEqualTo(31);
    assertThat(house.actions(acme)).filteredOn("secret.updated"::equals).hasSize(30);
    assertThat(house.actions(acme)).filteredOn("secret.version_added"::equals).hasSize(30);
  }

  @Test
  void changesInAJoinedTransactionGoWithIt() {
    vault.put(acme, REF, value("one"));
    vault.put(acme, REF, value("two"));
    List<Object> before = house.written();
    assertThatThrownBy(
            () ->
                house.storage.join(
                    acme,
                    joined -> {
                      vault.rollBack(joined, REF);
                      vault.update(joined, REF, SecretChange.none().withText("x"));
                      vault.deleteVersion(joined, REF, 2);
                      vault.putAll(joined, Map.of(ref("new"), NewSecret.of(value("v"))));
                      vault.delete(joined, REF);
                      throw new IllegalStateException("the host's");
                    }))
        .hasMessage("the host's");
    assertThat(house.written()).isEqualTo(before);
    assertThat(house.reveal(acme, REF)).isEqualTo("two");
  }

  private static void inThreads(List<Callable<Void>> calls) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(calls.size());
    try {
      for (Future<Void> done : threads.invokeAll(calls)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private String reveal(Stage stage) {
    try (SecretFields fields = vault.reveal(acme, REF, stage)) {
      return text(fields.value());
    }
  }

  private List<String> search(SecretQuery query) {
    return vault.search(acme, query, PageRequest.first(100)).items().stream()
        .map(secret -> secret.ref().name())
        .toList();
  }

  private static void assertNotFound(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(NotFoundException.class).hasMessage("secret not found");
  }

  private static void assertConflict(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  private static void assertInvalid(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(InvalidInputException.class);
  }

  private static void assertExpired(ThrowingCallable call) {
    assertCode(call, ErrorCode.SECRET_EXPIRED);
  }

  private static void assertRejected(ThrowingCallable call) {
    assertCode(call, ErrorCode.CIPHERTEXT_REJECTED);
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
