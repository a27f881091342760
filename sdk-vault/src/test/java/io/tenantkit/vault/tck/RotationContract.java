package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.StorageException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretChange;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.rotation.RotationException;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.RotationStep;
import io.tenantkit.vault.rotation.Rotators;
import io.tenantkit.vault.rotation.SecretRotation;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.usage.OverdueRotations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rotations through the public calls and due work, on every storage. */
public abstract class RotationContract extends StorageContract {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00.000001Z");
  private static final String TYPE = "provider-key";
  private static final SecretRef REF = ref("key");
  private static final RotationPolicy MONTHLY = RotationPolicy.everyDays(30);

  private final TickingClock clock = TickingClock.at(START);
  private final FakeProvider provider = new FakeProvider();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final List<ControlPlane> planes = new ArrayList<>();
  private ControlPlane plane;
  private SecretVault vault;
  private SecretRotations rotations;

  @BeforeEach
  final void openVault() {
    plane = plane();
    vault = SecretVault.of(plane);
    rotations = rotations(vault, Duration.ofSeconds(30));
  }

  @AfterEach
  final void closePlanes() {
    planes.forEach(ControlPlane::close);
  }

  private ControlPlane plane() {
    ControlPlane opened =
        ControlPlane.builder(harness.storage(), masterKeys())
            .clock(clock)
            .listener(this::heard)
            .manualMaintenance()
            .build();
    planes.add(opened);
    return opened;
  }

  private static MasterKeys masterKeys() {
    return MasterKeys.of(masterKey());
  }

  private static MasterKey masterKey() {
    byte[] key = new byte[32];
    new InsecureFixedRandom(1).nextBytes(key);
    return MasterKey.of(key);
  }

  private void heard(Event event) {
    if (event.type().name().startsWith("SECRET_ROTAT")) {
      events.add(event);
    }
    assertThat(event.type()).isNotEqualTo(EventType.MAINTENANCE_FAILED);
  }

  private SecretRotations rotations(SecretVault over, Duration timeout) {
    return SecretRotations.builder(over)
        .rotator(TYPE, provider)
        .rotator("host-key", Rotators.random(40, Rotators.ALPHANUMERIC))
        .callTimeout(timeout)
        .build();
  }

  private static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  private Secret put(TenantContext context, SecretRef ref, String type, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return vault.put(context, ref, NewSecret.of(type, Map.of(NewSecret.VALUE, value)));
    }
  }

  /** A secret of the provider's with a policy. */
  private String given(SecretRef ref, RotationPolicy policy) {
    String value = provider.first();
    put(acme, ref, TYPE, value);
    rotations.set(acme, ref, policy);
    due();
    return value;
  }

  private void due() {
    plane.runDue(clock.instant());
  }

  private void after(Duration time) {
    clock.tick(time);
    due();
  }

  private String current(SecretRef ref) {
    try (SecretFields fields = vault.reveal(acme, ref)) {
      return fields.value().string(SecretAccess.get());
    }
  }

  private List<EventType> told() {
    List<EventType> told = events.stream().map(Event::type).toList();
    events.clear();
    return told;
  }

  private List<SecretVersion> versions(SecretRef ref) {
    return vault.versions(acme, ref);
  }

  @Test
  void aDueSecretIsCreatedTestedPromotedAndRetired() {
    String old = given(REF, MONTHLY);
    assertThat(told()).isEmpty();
    assertThat(rotations.get(acme, REF).stateAt(clock.instant()))
        .isEqualTo(SecretRotation.State.SCHEDULED);

    after(Duration.ofDays(23));
    after(Duration.ofDays(1));
    assertThat(told()).containsExactly(EventType.SECRET_ROTATION_DUE_SOON);
    assertThat(current(REF)).isEqualTo(old);

    after(Duration.ofDays(6));
    assertThat(told()).containsExactly(EventType.SECRET_ROTATED);
    assertThat(current(REF)).isNotEqualTo(old).isIn(provider.accepted);
    assertThat(provider.accepted).as("both are valid in the overlap").hasSize(2).contains(old);
    try (SecretFields previous = vault.reveal(acme, REF, Stage.PREVIOUS)) {
      assertThat(previous.value().string(SecretAccess.get())).isEqualTo(old);
    }
    SecretRotation overlapping = rotations.get(acme, REF);
    assertThat(overlapping.step()).isEqualTo(RotationStep.PROMOTED);
    assertThat(overlapping.dueAt()).contains(clock.instant().plus(Duration.ofDays(30)));

    after(Duration.ofDays(1));
    assertThat(provider.accepted).containsExactly(current(REF));
    assertThat(vault.get(acme, REF).stages().previous()).isEmpty();
    assertThat(provider.calls)
        .containsExactly("create key", "test key", "promoted key", "retire key");
    assertThat(rotations.get(acme, REF).stateAt(clock.instant()))
        .isEqualTo(SecretRotation.State.SCHEDULED);
    assertThat(actions())
        .contains(
            "secret.rotation_set",
            "secret.rotation_started",
            "secret.rotated",
            "secret.rotation_retired");
  }

  private List<String> actions() {
    return plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .map(AuditEvent::action)
        .toList();
  }

  @Test
  void aYearOfRotations() {
    int[] days = {7, 30, 45, 90, 180};
    for (int every : days) {
      given(ref("every-" + every), RotationPolicy.everyDays(every));
    }
    for (int day = 0; day < 360; day++) {
      after(Duration.ofDays(1));
      int every = days[day % days.length];
      assertThat(current(ref("every-" + every))).isIn(provider.accepted);
    }
    after(Duration.ofDays(1));
    after(Duration.ofMinutes(1));
    for (int every : days) {
      // A due date counts from when the last rotation was done.
      assertThat(provider.callsOf("every-" + every).stream().filter("create"::equals).count())
          .as("every " + every)
          .isBetween(350L / every - 1, 361L / every);
    }
    assertThat(provider.count("undo")).isZero();
    assertThat(provider.count("retire"))
        .isBetween(provider.count("create") - 5, provider.count("create"));
    assertThat(told().stream().filter(EventType.SECRET_ROTATED::equals).count())
        .isEqualTo(provider.count("create"));
  }

  @Test
  void whatDoesNotPassItsTestIsUndone() {
    String old = given(REF, MONTHLY);
    provider.refuses = true;

    after(Duration.ofDays(30));

    assertThat(current(REF)).isEqualTo(old);
    assertThat(provider.accepted).containsExactly(old);
    assertThat(versions(REF).get(1).state()).isEqualTo(SecretVersion.State.DESTROYED);
    assertThat(vault.get(acme, REF).stages().pending()).isEmpty();
    assertThat(told())
        .containsExactly(EventType.SECRET_ROTATION_FAILED, EventType.SECRET_ROTATION_DUE);
    SecretRotation failed = rotations.get(acme, REF);
    assertThat(failed.stateAt(clock.instant())).isEqualTo(SecretRotation.State.FAILED);
    assertThat(failed.failure()).contains("test: refused");
    assertThat(failed.nextAttemptAt()).contains(clock.instant().plus(Duration.ofMinutes(5)));

    due();
    assertThat(provider.count("create")).as("not before the pause").isOne();
    for (int i = 0; i < 24 * 12 - 1; i++) {
      after(Duration.ofMinutes(5));
    }
    assertThat(provider.count("create")).as("attempts of a day").isEqualTo(5);
    assertThat(told())
        .as("it is told once that it is due")
        .doesNotContain(EventType.SECRET_ROTATION_DUE);

    provider.refuses = false;
    after(Duration.ofMinutes(10));
    assertThat(told()).containsExactly(EventType.SECRET_ROTATED);
    assertThat(current(REF)).isNotEqualTo(old).isIn(provider.accepted);
    assertThat(rotations.get(acme, REF).failure()).isEmpty();
  }

  @Test
  void whatCannotBeCreatedChangesNothing() {
    String old = given(REF, MONTHLY);
    provider.onCreate =
        () -> {
          throw new IllegalStateException("the provider said " + provider.first());
        };
    after(Duration.ofDays(30));

    assertThat(rotations.get(acme, REF).failure())
        .contains("create: java.lang.IllegalStateException");
    assertThat(versions(REF)).hasSize(1);
    assertThat(current(REF)).isEqualTo(old);

    provider.onCreate =
        () -> {
          throw new RotationException("quota-exceeded");
        };
    after(Duration.ofMinutes(10));
    assertThat(rotations.get(acme, REF).failure()).contains("create: quota-exceeded");
    assertNoValueIsTold();
  }

  @Test
  void whatCannotBeRevokedIsTriedAgain() {
    String old = given(REF, MONTHLY);
    provider.onRetire =
        () -> {
          throw new RotationException("unreachable");
        };
    after(Duration.ofDays(30));
    assertThat(provider.accepted).contains(old);
    after(Duration.ofDays(1));
    assertThat(told()).containsExactly(EventType.SECRET_ROTATED, EventType.SECRET_ROTATION_FAILED);
    assertThat(rotations.get(acme, REF).failure()).contains("retire: unreachable");
    assertThat(current(REF)).isNotEqualTo(old).isIn(provider.accepted);

    provider.onRetire = FakeProvider.Hook.none();
    after(Duration.ofMinutes(5));
    assertThat(provider.accepted).containsExactly(current(REF));
    assertThat(rotations.get(acme, REF).failure()).isEmpty();
  }

  /**
   * Failed attempts use up version numbers; the old one's value has to last until it is revoked.
   */
  @Test
  void anOldValueIsRevokedAfterManyFailedAttempts() {
    String old = given(REF, MONTHLY);
    vault.update(acme, REF, SecretChange.none().keeping(3));
    provider.refuses = true;
    after(Duration.ofDays(30));
    for (int i = 0; i < 3; i++) {
      after(Duration.ofHours(1));
    }
    provider.refuses = false;
    after(Duration.ofHours(2));
    assertThat(vault.get(acme, REF).currentVersion()).isEqualTo(6);
    assertThat(provider.accepted).contains(old);
    told();

    after(Duration.ofDays(1));

    assertThat(provider.accepted).containsExactly(current(REF));
    assertThat(told()).isEmpty();
    assertThat(actions())
        .contains("secret.rotation_retired")
        .doesNotContain("secret.rotation_gone");
    assertThat(stateOf(1)).as("until somebody puts").contains(SecretVersion.State.ACTIVE);
    put(acme, REF, TYPE, provider.first());
    assertThat(stateOf(1)).contains(SecretVersion.State.DESTROYED);
  }

  private Optional<SecretVersion.State> stateOf(long number) {
    return versions(REF).stream()
        .filter(version -> version.number() == number)
        .map(SecretVersion::state)
        .findFirst();
  }

  @Test
  void anOldValueIsRevokedThoughOthersWerePutInTheOverlap() {
    String old = given(REF, MONTHLY);
    vault.update(acme, REF, SecretChange.none().keeping(3));
    after(Duration.ofDays(30));
    for (int i = 0; i < 5; i++) {
      put(acme, REF, TYPE, provider.first());
    }
    vault.update(acme, REF, SecretChange.none().keeping(1));
    assertThat(stateOf(1)).contains(SecretVersion.State.ACTIVE);

    after(Duration.ofDays(1));

    assertThat(provider.accepted).doesNotContain(old).contains(current(REF));
    assertThat(actions()).contains("secret.rotation_retired");
  }

  /** The node goes between the end of the stage in the vault and the call of the provider. */
  @Test
  void anOldValueIsRevokedByWhoeverTakesUpAKilledNodesWork() {
    String old = given(REF, MONTHLY);
    vault.update(acme, REF, SecretChange.none().keeping(3));
    after(Duration.ofDays(30));
    clock.tick(Duration.ofDays(1));
    AtomicBoolean dead = new AtomicBoolean();
    ControlPlane killed =
        ControlPlane.builder(
                new VerbHooks(
                    harness.storage(),
                    answered -> {
                      if (dead.get() || answered.equals("SecretStore.write")) {
                        dead.set(true);
                        throw new StorageException(
                            ErrorCode.STORAGE_UNAVAILABLE, "the process died here");
                      }
                    }),
                masterKeys())
            .clock(clock)
            .manualMaintenance()
            .build();
    planes.add(killed);
    rotations(SecretVault.of(killed), Duration.ofSeconds(30));
    killed.runDue(clock.instant());
    assertThat(dead).isTrue();
    assertThat(vault.get(acme, REF).stages().previous()).isEmpty();
    assertThat(provider.accepted).contains(old);
    for (int i = 0; i < 5; i++) {
      put(acme, REF, TYPE, provider.first());
    }

    after(Duration.ofHours(1));

    assertThat(provider.accepted).doesNotContain(old).contains(current(REF));
    assertThat(actions())
        .contains("secret.rotation_retired")
        .doesNotContain("secret.rotation_gone");
  }

  @Test
  void anOldValueThatIsCurrentAgainIsNotRevoked() {
    String old = given(REF, MONTHLY);
    after(Duration.ofDays(30));
    vault.rollBack(acme, REF);
    after(Duration.ofDays(1));

    assertThat(current(REF)).isEqualTo(old).isIn(provider.accepted);
    assertThat(provider.count("retire")).isZero();
    assertThat(actions()).contains("secret.rotation_rolled_back");
  }

  @Test
  void withoutARotatorItIsToldAndAPutMovesTheDateOn() {
    put(acme, REF, "by-hand", "one");
    rotations.set(acme, REF, MONTHLY);
    due();
    after(Duration.ofDays(25));
    after(Duration.ofDays(5));
    for (int i = 0; i < 5; i++) {
      after(Duration.ofHours(12));
    }
    assertThat(told())
        .containsExactly(EventType.SECRET_ROTATION_DUE_SOON, EventType.SECRET_ROTATION_DUE);
    assertThat(rotations.get(acme, REF).stateAt(clock.instant()))
        .isEqualTo(SecretRotation.State.DUE);
    OverdueRotations report = rotations::overdue;
    PageRequest page = PageRequest.first(10);
    assertThat(report.overdue(acme, clock.instant(), page).items())
        .singleElement()
        .satisfies(
            rotation -> {
              assertThat(rotation.secret().ref()).isEqualTo(REF);
              assertThat(rotation.dueAt()).isEqualTo(START.plus(Duration.ofDays(30)));
              assertThat(rotation.why()).isEqualTo("to be rotated every 30 days");
            });
    assertThatThrownBy(() -> rotations.rotateNow(acme, REF)).isInstanceOf(ConflictException.class);

    put(acme, REF, "by-hand", "two");
    Instant next = clock.instant().plus(Duration.ofDays(30));
    assertThat(rotations.get(acme, REF).dueAt()).as("before due work").contains(next);
    assertThat(rotations.overdue(acme, clock.instant(), page).items()).isEmpty();
    after(Duration.ofHours(2));
    assertThat(rotations.get(acme, REF).dueAt()).contains(next);
    assertThat(told()).isEmpty();
    after(Duration.ofDays(24));
    assertThat(told()).containsExactly(EventType.SECRET_ROTATION_DUE_SOON);
  }

  @Test
  void aPutWhileARotationIsUnderWayStays() {
    given(REF, MONTHLY);
    String byHand = provider.first();
    provider.onTest = () -> put(acme, REF, TYPE, byHand);

    after(Duration.ofDays(30));
    provider.onTest = FakeProvider.Hook.none();

    assertThat(current(REF)).isEqualTo(byHand).isIn(provider.accepted);
    assertThat(provider.count("undo")).isOne();
    assertThat(told()).isEmpty();
    assertThat(actions()).contains("secret.rotation_superseded");
    due();
    assertThat(rotations.get(acme, REF).dueAt())
        .contains(clock.instant().plus(Duration.ofDays(30)));
    assertThat(vault.get(acme, REF).stages().pending()).isEmpty();
  }

  @Test
  void aPutWhileTheProviderIsAskedStays() {
    given(REF, MONTHLY);
    String byHand = provider.first();
    provider.afterCreate = () -> put(acme, REF, TYPE, byHand);

    after(Duration.ofDays(30));

    assertThat(current(REF)).isEqualTo(byHand);
    assertThat(provider.count("undo")).isOne();
    assertThat(rotations.get(acme, REF).failure()).isEmpty();
  }

  @Test
  void anotherPendingVersionIsNotTakenTheStageOf() {
    String old = given(REF, MONTHLY);
    try (SecretValue value = SecretValue.of("prepared by hand")) {
      vault.put(acme, REF, NewSecret.of(TYPE, Map.of(NewSecret.VALUE, value)).asPending());
    }
    after(Duration.ofDays(30));

    assertThat(provider.calls).isEmpty();
    assertThat(vault.get(acme, REF).stages().pending()).hasValue(2);
    assertThat(current(REF)).isEqualTo(old);
    assertThat(rotations.get(acme, REF).failure()).contains("create: another-version-is-pending");
  }

  @Test
  void onTwoNodesEachSecretIsRotatedOnce() {
    int secrets = 12;
    for (int i = 0; i < secrets; i++) {
      given(ref("key-" + i), MONTHLY);
    }
    ControlPlane other = plane();
    rotations(SecretVault.of(other), Duration.ofSeconds(30));
    clock.tick(Duration.ofDays(30));
    Instant now = clock.instant();

    Race.of(
        2,
        i -> {
          (i == 0 ? plane : other).runDue(now);
          return i;
        });

    for (int i = 0; i < secrets; i++) {
      assertThat(provider.callsOf("key-" + i)).containsExactly("create", "test", "promoted");
    }
    plane.runtime().events().deliver();
    other.runtime().events().deliver();
    assertThat(told()).hasSize(secrets).containsOnly(EventType.SECRET_ROTATED);
  }

  @Test
  void workInALeaseIsLeftAloneAndTakenUpAfterIt() throws Exception {
    String old = given(REF, MONTHLY);
    ControlPlane other = plane();
    rotations(SecretVault.of(other), Duration.ofSeconds(30));
    CountDownLatch within = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    provider.onTest =
        () -> {
          if (within.getCount() > 0) {
            within.countDown();
            released.await();
          }
        };
    clock.tick(Duration.ofDays(30));
    Instant now = clock.instant();
    Thread slow = new Thread(() -> plane.runDue(now));
    slow.start();
    within.await();

    other.runDue(clock.instant());
    assertThat(provider.calls).containsExactly("create key", "test key");
    assertThat(rotations.get(acme, REF).stateAt(clock.instant()))
        .isEqualTo(SecretRotation.State.ROTATING);
    assertThatThrownBy(() -> rotations.clear(acme, REF)).isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> rotations.rotateNow(acme, REF)).isInstanceOf(ConflictException.class);

    clock.tick(Duration.ofHours(1));
    other.runDue(clock.instant());
    assertThat(provider.calls)
        .as("what was created is taken over")
        .containsExactly("create key", "test key", "test key", "promoted key");
    String current = current(REF);
    assertThat(current).isNotEqualTo(old).isIn(provider.accepted);

    released.countDown();
    slow.join();
    assertThat(provider.count("promoted")).as("the slow node has lost its work").isOne();
    assertThat(current(REF)).isEqualTo(current);
    assertThat(told()).containsExactly(EventType.SECRET_ROTATED);
  }

  @Test
  void aProviderThatHangsHoldsNobodyElseUp() throws Exception {
    ControlPlane other = plane();
    SecretVault nodes = SecretVault.of(other);
    given(REF, MONTHLY);
    put(globex, ref("mine"), "host-key", "first");
    rotations.set(globex, ref("mine"), MONTHLY);
    // Also the bound of the other's calls, which end at once where the machine lets them.
    rotations(nodes, Duration.ofSeconds(2));
    CountDownLatch released = new CountDownLatch(1);
    CountDownLatch undone = new CountDownLatch(1);
    provider.afterCreate =
        () -> {
          boolean waiting = true;
          while (waiting) {
            try {
              released.await();
              waiting = false;
            } catch (InterruptedException e) {
              waiting = true;
            }
          }
        };
    clock.tick(Duration.ofDays(30));
    other.runDue(clock.instant());

    assertThat(rotations.get(acme, REF).failure()).contains("create: timed-out");
    assertThat(rotations.get(globex, ref("mine")).lastRotatedAt()).contains(clock.instant());
    released.countDown();
    // What comes late is undone on the thread that was given up.
    Thread waiting =
        new Thread(
            () -> {
              while (provider.count("undo") == 0) {
                Thread.onSpinWait();
              }
              undone.countDown();
            });
    waiting.setDaemon(true);
    waiting.start();
    undone.await();
    assertThat(provider.accepted).containsExactly(current(REF));
  }

  @Test
  void aProviderThatHangsHoldsUpNoOtherDueWork() throws Exception {
    given(REF, MONTHLY);
    CountDownLatch within = new CountDownLatch(1);
    CountDownLatch otherWork = new CountDownLatch(3);
    CountDownLatch released = new CountDownLatch(1);
    provider.onTest =
        () -> {
          within.countDown();
          released.await();
        };
    clock.tick(Duration.ofDays(30));
    try (ControlPlane working =
        ControlPlane.builder(harness.storage(), MasterKeys.of(masterKey())).clock(clock).build()) {
      rotations(SecretVault.of(working), Duration.ofMinutes(5));
      within.await();
      working
          .runtime()
          .maintenance()
          .every(
              "other",
              Duration.ofSeconds(1),
              now -> {
                clock.tick(Duration.ofSeconds(1));
                otherWork.countDown();
              });
      assertThat(otherWork.await(60, TimeUnit.SECONDS)).isTrue();
      released.countDown();
    }
  }

  /** A node that ends is no failure of what it was doing. */
  @Test
  void whatIsUnderWayWhenANodeClosesIsLeftToTheNext() throws Exception {
    String old = given(REF, MONTHLY);
    CountDownLatch within = new CountDownLatch(1);
    provider.onTest =
        () -> {
          within.countDown();
          new CountDownLatch(1).await();
        };
    clock.tick(Duration.ofDays(30));
    Instant now = clock.instant();
    Thread due = new Thread(() -> plane.runDue(now));
    due.start();
    within.await();
    plane.close();
    due.join();

    ControlPlane next = plane();
    vault = SecretVault.of(next);
    SecretRotations others = rotations(vault, Duration.ofSeconds(30));
    SecretRotation left = others.get(acme, REF);
    assertThat(left.step()).isEqualTo(RotationStep.CREATED);
    assertThat(left.failure()).isEmpty();
    assertThat(provider.count("undo")).isZero();
    assertThat(trail(acme)).extracting(AuditEvent::action).doesNotContain("secret.rotation_failed");

    provider.onTest = FakeProvider.Hook.none();
    clock.tick(Duration.ofHours(1));
    next.runDue(clock.instant());
    assertThat(provider.callsOf("key")).containsExactly("create", "test", "test", "promoted");
    assertThat(current(REF)).isNotEqualTo(old).isIn(provider.accepted);
    assertThat(told()).containsExactly(EventType.SECRET_ROTATED);
  }

  @Test
  void aSuspendedOrganizationIsNotRotated() {
    String old = given(REF, MONTHLY);
    become(ACME, Organization.Status.SUSPENDED);
    after(Duration.ofDays(31));
    assertThat(provider.calls).isEmpty();
    assertThat(told()).isEmpty();
    become(ACME, Organization.Status.ACTIVE);
    after(Duration.ofMinutes(1));
    assertThat(current(REF)).isNotEqualTo(old).isIn(provider.accepted);
  }

  @Test
  void thoseOfAnErasedOrganizationEnd() {
    given(REF, MONTHLY);
    VaultKeys.of(vault).eraseOrganization(operator, ACME);
    after(Duration.ofDays(31));
    after(Duration.ofDays(1));
    List<Object> before = everything(acme);
    for (int i = 0; i < 5; i++) {
      after(Duration.ofDays(2));
    }
    assertThat(everything(acme)).isEqualTo(before);
    assertThat(provider.calls).isEmpty();
    RotationStore store = harness.storage().stores(VaultStores.class).orElseThrow().rotations();
    assertThat(store.organizationsWithDue(clock.instant(), null, 10)).isEmpty();
  }

  @Test
  void itCanBeAskedForAtOnce() {
    String old = given(REF, MONTHLY);
    SecretRotation asked = rotations.rotateNow(acme, REF);
    assertThat(asked.dueAt()).contains(clock.instant());
    clock.tick(Duration.ofMinutes(1));
    due();
    String second = current(REF);
    assertThat(second).isNotEqualTo(old);

    rotations.rotateNow(acme, REF);
    after(Duration.ofMinutes(1));
    assertThat(current(REF)).isNotIn(old, second);
    assertThat(provider.accepted)
        .as("the overlap before was ended")
        .containsExactlyInAnyOrder(second, current(REF));
  }

  @Test
  void onceAtATime() {
    String old = given(REF, RotationPolicy.at(START.plus(Duration.ofDays(10))));
    after(Duration.ofDays(9));
    assertThat(current(REF)).isEqualTo(old);
    after(Duration.ofDays(1));
    assertThat(current(REF)).isNotEqualTo(old);
    after(Duration.ofDays(1));
    assertThat(rotations.get(acme, REF).stateAt(clock.instant()))
        .isEqualTo(SecretRotation.State.DONE);
    assertThatThrownBy(() -> rotations.set(acme, REF, RotationPolicy.at(clock.instant())))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void anEndedSecretEndsItsPolicyAndADeletedOneRests() {
    given(REF, MONTHLY);
    vault.delete(acme, REF);
    assertThatThrownBy(() -> rotations.get(acme, REF)).isInstanceOf(NotFoundException.class);
    after(Duration.ofDays(31));
    assertThat(provider.calls).isEmpty();
    vault.undelete(acme, REF);
    after(Duration.ofMinutes(1));
    assertThat(provider.count("promoted")).isOne();

    vault.destroy(acme, REF);
    after(Duration.ofDays(40));
    put(acme, REF, TYPE, "another secret of that name");
    assertThatThrownBy(() -> rotations.get(acme, REF)).isInstanceOf(NotFoundException.class);
    assertThat(provider.count("create")).isOne();
  }

  @Test
  void aPolicyCanBeReplacedAndCleared() {
    given(REF, MONTHLY);
    assertThat(rotations.set(acme, REF, RotationPolicy.everyDays(60)).dueAt())
        .contains(START.plus(Duration.ofDays(60)));
    rotations.clear(acme, REF);
    assertThatThrownBy(() -> rotations.get(acme, REF)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> rotations.clear(acme, REF)).isInstanceOf(NotFoundException.class);
    after(Duration.ofDays(90));
    assertThat(provider.calls).isEmpty();
    assertThat(told()).isEmpty();
    assertThat(actions()).contains("secret.rotation_cleared");
  }

  @Test
  void anotherTenantsSecretIsUnknown() {
    given(REF, MONTHLY);
    for (Runnable call :
        List.<Runnable>of(
            () -> rotations.get(globex, REF),
            () -> rotations.set(globex, REF, MONTHLY),
            () -> rotations.clear(globex, REF),
            () -> rotations.rotateNow(globex, REF))) {
      assertThatThrownBy(call::run).isInstanceOf(NotFoundException.class).hasMessage(unknown());
    }
    Instant later = START.plus(Duration.ofDays(100));
    assertThat(rotations.list(globex, later, PageRequest.first(10)).items()).isEmpty();
    assertThat(rotations.list(acme, later, PageRequest.first(10)).items()).hasSize(1);
  }

  private String unknown() {
    try {
      vault.get(acme, ref("unknown"));
      return "";
    } catch (NotFoundException e) {
      return e.getMessage();
    }
  }

  @Test
  void eachCallNeedsItsScopes() {
    given(REF, MONTHLY);
    TenantContext reader = acme.limitedTo(ScopeSet.of("secrets:read"));
    assertThat(rotations.get(reader, REF).policy()).isEqualTo(MONTHLY);
    TenantContext user = acme.limitedTo(ScopeSet.of("secrets:use"));
    for (Runnable call :
        List.<Runnable>of(
            () -> rotations.set(reader, REF, MONTHLY),
            () -> rotations.clear(reader, REF),
            () -> rotations.rotateNow(reader, REF),
            () -> rotations.get(user, REF),
            () -> rotations.list(user, START, PageRequest.first(1)),
            () -> rotations.overdue(user, START, PageRequest.first(1)))) {
      assertThatThrownBy(call::run).isInstanceOf(AccessDeniedException.class);
    }
  }

  @Test
  void aSecretThatKeepsTooFewVersionsIsRefused() {
    try (SecretValue value = SecretValue.of("x")) {
      vault.put(acme, REF, NewSecret.of(value).keeping(2));
    }
    assertThatThrownBy(() -> rotations.set(acme, REF, MONTHLY))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void randomValuesNeedNoProvider() {
    put(acme, REF, "host-key", "first");
    rotations.set(acme, REF, MONTHLY);
    due();
    after(Duration.ofDays(30));
    assertThat(current(REF)).matches("[A-Za-z0-9]{40}");
  }

  @Test
  void noValueIsTold() {
    given(REF, MONTHLY);
    after(Duration.ofDays(24));
    after(Duration.ofDays(6));
    after(Duration.ofDays(1));
    provider.refuses = true;
    after(Duration.ofDays(30));
    provider.onTest =
        () -> {
          throw new IllegalStateException(String.join(" ", provider.made));
        };
    after(Duration.ofHours(2));
    assertNoValueIsTold();
  }

  private void assertNoValueIsTold() {
    List<Object> seen = new ArrayList<>(events);
    seen.addAll(plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items());
    seen.add(rotations.get(acme, REF));
    seen.add(
        rotations.list(acme, clock.instant().plus(Duration.ofDays(400)), PageRequest.first(9)));
    assertThat(provider.made).isNotEmpty();
    assertThat(seen.toString()).doesNotContain("CANARY");
  }
}
