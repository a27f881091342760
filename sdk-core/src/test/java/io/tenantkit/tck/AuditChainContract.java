package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditCheckpoint;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.audit.AuditSettings;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage's audit chain must be, and what the log above it does with it. */
public abstract class AuditChainContract extends StorageContract {
  private static final int WRITERS = 64;
  private static final MasterKeys OLD =
      MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
  private static final MasterKeys NEW =
      MasterKeys.of(
          MasterKey.parse("hex:" + "fedcba9876543210".repeat(4)),
          MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));

  private final TickingClock clock = TickingClock.at(Samples.NOW);
  private final List<Event> events = Collections.synchronizedList(new ArrayList<>());
  private AuditStore store;
  private ControlPlane plane;

  @BeforeEach
  final void openPlane() {
    store = stores.audit();
    plane = plane(OLD);
  }

  @AfterEach
  final void closePlane() {
    plane.close();
  }

  private ControlPlane plane(MasterKeys keys) {
    return ControlPlane.builder(harness.storage(), keys)
        .clock(clock)
        .listener(events::add)
        .audit(AuditSettings.DEFAULT.withRetention(Duration.ofDays(30)))
        .manualMaintenance()
        .build();
  }

  @Test
  void everyEventIsTheNextLinkWhicheverVerbWroteIt() {
    append(acme, 2);
    StoredApiKey key = addKey(acme, "key_1");
    stores.apiKeys().update(acme, samples.renamed(key, "n"), 1, samples.event(ACME, "renamed"));

    assertThat(seqs(acme)).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(seqs(globex)).containsExactly(1L);
    ChainHash previous = StoredAuditEvent.genesis("acme");
    for (StoredAuditEvent row : store.rows(acme, 0, 100)) {
      previous = row.hashAfter(previous, row.seq());
      assertThat(row.hash()).contains(previous);
    }
    assertThat(store.head(acme).orElseThrow().hash()).isEqualTo(previous);
    assertThat(plane.audit().verify(acme))
        .isEqualTo(new ChainVerification.Intact(ACME, 5, 5, previous));
  }

  @Test
  void refusedAndUndoneChangesLeaveNoGap() {
    append(acme, 1);
    StoredApiKey key = addKey(acme, "key_1");
    assertThatThrownBy(() -> addKey(acme, "key_1")).isInstanceOf(ConflictException.class);
    assertThat(
            stores
                .apiKeys()
                .update(acme, samples.renamed(key, "n"), 9, samples.event(ACME, "late")))
        .isFalse();
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    acme,
                    joined -> {
                      append(joined, 3);
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);
    append(acme, 1);

    assertThat(seqs(acme)).containsExactly(1L, 2L, 3L, 4L);
    assertIntact(acme, 4);
  }

  @Test
  void ofManyWritersOfOneOrganizationNoneForksTheChain() {
    int each = 4;
    Race.of(
        WRITERS,
        WRITERS * each,
        i -> {
          if (i % 3 == 0) {
            addKey(acme, String.format(Locale.ROOT, "key_%04d", i));
          } else {
            append(acme, 1);
          }
          return true;
        });

    long last = 1 + (long) WRITERS * each;
    assertThat(seqs(acme)).isEqualTo(LongStream.rangeClosed(1, last).boxed().toList());
    assertIntact(acme, last);
  }

  @Test
  void firstEventsOfAnOrganizationDoNotFork() {
    Race.of(16, 16, i -> stores.organizations().find(acme));
    io.tenantkit.tenant.OrganizationId initech = io.tenantkit.tenant.OrganizationId.of("initech");
    addOrganization(initech);
    TenantContext context = TenantContext.trusted(initech, "contract");

    Race.of(
        16,
        32,
        i -> {
          append(context, 1);
          return true;
        });

    assertIntact(context, 33);
  }

  @Test
  void whoWritesWhileATransactionIsHeldOpenComesAfterIt() throws Exception {
    append(acme, 1);
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService hosts = Executors.newFixedThreadPool(2);
    try {
      Future<Boolean> held =
          hosts.submit(
              () ->
                  harness.inTransaction(
                      acme,
                      joined -> {
                        store.append(joined, samples.event(ACME, "held"));
                        written.countDown();
                        Race.await(goOn);
                        return true;
                      }));
      Race.await(written);
      Future<Boolean> other =
          hosts.submit(
              () -> {
                goOn.countDown();
                store.append(acme, samples.event(ACME, "other"));
                return true;
              });
      assertThat(Race.get(held)).isTrue();
      assertThat(Race.get(other)).isTrue();
    } finally {
      hosts.shutdownNow();
    }

    assertThat(actions(acme)).containsExactly("appended", "held", "other");
    assertIntact(acme, 4);
  }

  @Test
  void cursorOfTheLogIsAFeed() {
    append(acme, 4);
    PageRequest two = PageRequest.first(2);

    String next = plane.audit().records(acme, two).next().orElseThrow();
    assertThat(plane.audit().records(acme, two.after(next)).items())
        .extracting(AuditRecord::seq)
        .containsExactly(3L, 4L);
    assertThat(plane.audit().list(acme, PageRequest.first(10)).items()).hasSize(5);
  }

  @Test
  void headsThatMovedAreSignedOnceAndHandedToTheHost() {
    append(acme, 2);
    plane.runDue(clock.instant());
    try (ControlPlane other = plane(OLD)) {
      other.runDue(clock.instant());
    }

    List<AuditCheckpoint> signed = handedOver();
    assertThat(signed).extracting(AuditCheckpoint::seq).containsExactly(3L, 1L);
    assertThat(signed.get(0).hash()).isEqualTo(store.head(acme).orElseThrow().hash());
    for (AuditCheckpoint each : signed) {
      TenantContext context = TenantContext.trusted(each.organization(), "contract");
      assertThat(plane.audit().verify(context, AuditCheckpoint.parse(each.text())))
          .isInstanceOf(ChainVerification.Intact.class);
    }

    append(acme, 1);
    clock.tick(Duration.ofMinutes(5));
    plane.runDue(clock.instant());
    assertThat(handedOver()).extracting(AuditCheckpoint::seq).containsExactly(3L, 1L, 4L);
  }

  @Test
  void ofManyNodesEachHeadIsSignedByOne() {
    append(acme, 3);

    Race.of(
        8,
        i -> {
          try (ControlPlane node = plane(OLD)) {
            node.runDue(clock.instant());
          }
          return true;
        });

    assertThat(handedOver()).extracting(AuditCheckpoint::seq).containsExactlyInAnyOrder(4L, 1L);
  }

  @Test
  void closingSignsWhatIsStillUnsigned() {
    append(acme, 1);

    plane.close();

    assertThat(handedOver()).extracting(AuditCheckpoint::seq).containsExactly(2L, 1L);
  }

  @Test
  void checkpointsSurviveTheMasterKey() {
    append(acme, 1);
    AuditCheckpoint before = plane.audit().checkpoint(operator, ACME).orElseThrow();
    plane.close();
    String wrappedWith = stores.auditCheckpoints().keys().get(0).masterKeyId();

    plane = plane(NEW);
    plane.runDue(clock.instant());

    assertThat(stores.auditCheckpoints().keys().get(0).masterKeyId())
        .isEqualTo(NEW.currentId())
        .isNotEqualTo(wrappedWith);
    append(acme, 1);
    assertThat(plane.audit().verify(acme, before)).isInstanceOf(ChainVerification.Intact.class);
    assertThat(plane.audit().checkpoint(operator, ACME).orElseThrow().keyNumber())
        .isEqualTo(before.keyNumber());
  }

  @Test
  void checkpointOfAnotherKeyIsForged() {
    append(acme, 1);
    AuditCheckpoint genuine = plane.audit().checkpoint(operator, ACME).orElseThrow();
    List<AuditCheckpoint> forged =
        List.of(
            with(genuine, AuditCheckpoint.Kind.ANCHOR, genuine.keyNumber()),
            with(genuine, AuditCheckpoint.Kind.HEAD, genuine.keyNumber() + 1),
            new AuditCheckpoint(
                ACME,
                AuditCheckpoint.Kind.HEAD,
                genuine.seq(),
                StoredAuditEvent.genesis("acme"),
                genuine.at(),
                genuine.keyNumber(),
                genuine.signature()));

    for (AuditCheckpoint each : forged) {
      assertThat(plane.audit().verify(acme, each))
          .isEqualTo(
              new ChainVerification.Broken(
                  ACME, genuine.seq(), ChainVerification.Kind.CHECKPOINT_FORGED));
    }
    assertThatThrownBy(() -> plane.audit().verify(globex, genuine))
        .hasMessageContaining("checkpoint");
  }

  private static AuditCheckpoint with(AuditCheckpoint of, AuditCheckpoint.Kind kind, int key) {
    return new AuditCheckpoint(
        of.organization(), kind, of.seq(), of.hash(), of.at(), key, of.signature());
  }

  @Test
  void prunedTrailStillVerifiesFromItsAnchor() throws IOException {
    append(acme, 4);
    AuditCheckpoint old = plane.audit().checkpoint(operator, ACME).orElseThrow();

    long removed = plane.audit().prune(operator, ACME, Samples.NOW.plusSeconds(1));

    assertThat(removed).isEqualTo(5);
    assertThat(seqs(acme)).containsExactly(6L);
    assertThat(actions(acme)).containsExactly("audit.pruned");
    assertIntact(acme, 1);
    assertThat(plane.audit().verify(acme, old)).isInstanceOf(ChainVerification.Intact.class);
    append(acme, 1);
    assertIntact(acme, 2);
    assertThat(plane.audit().verify(operator, ACME)).isInstanceOf(ChainVerification.Intact.class);
    StringBuilder lines = new StringBuilder();
    assertThat(plane.audit().export(acme, 0, Long.MAX_VALUE, lines)).isEqualTo(2);
    assertThat(lines).contains("\"previous\":\"" + old.hash() + "\"");
    assertIntact(globex, 1);
  }

  @Test
  void youngEventsAreKeptAndNothingIsSaidWhenNothingIsOld() {
    append(acme, 2);

    assertThat(plane.audit().prune(operator, ACME, Samples.NOW)).isZero();

    assertThat(seqs(acme)).containsExactly(1L, 2L, 3L);
    assertThatThrownBy(() -> plane.audit().prune(operator, NOBODY, Samples.NOW))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void storeNeverPrunesAboveTheLastSignedHeadNorTwice() {
    append(acme, 1);
    AuditCheckpoint signed = plane.audit().checkpoint(operator, ACME).orElseThrow();
    append(acme, 2);
    AuditCheckpoint above =
        new AuditCheckpoint(
            ACME,
            AuditCheckpoint.Kind.ANCHOR,
            signed.seq() + 1,
            signed.hash(),
            signed.at(),
            1,
            signed.signature());

    assertThatThrownBy(
            () -> stores.auditCheckpoints().prune(operator, above, samples.event(ACME, "pruned")))
        .isInstanceOf(ConflictException.class);

    assertThat(seqs(acme)).containsExactly(1L, 2L, 3L, 4L);
    assertThat(stores.auditCheckpoints().newest(acme, AuditCheckpoint.Kind.ANCHOR)).isEmpty();
    AuditCheckpoint anchor = with(signed, AuditCheckpoint.Kind.ANCHOR, 1);
    stores.auditCheckpoints().prune(operator, anchor, samples.event(ACME, "pruned"));
    assertThatThrownBy(
            () -> stores.auditCheckpoints().prune(operator, anchor, samples.event(ACME, "pruned")))
        .isInstanceOf(ConflictException.class);
    assertThat(seqs(acme)).containsExactly(3L, 4L, 5L);
  }

  @Test
  void policyPrunesWhatIsTooOldByDueWork() {
    append(acme, 2);
    clock.tick(Duration.ofDays(31));

    plane.runDue(clock.instant());

    assertThat(seqs(acme)).containsExactly(4L);
    assertIntact(acme, 1);
  }

  @Test
  void checkpointsOfAnotherTenantAreNotRead() {
    append(acme, 1);
    plane.audit().checkpoint(operator, ACME);

    assertThat(stores.auditCheckpoints().newest(globex, AuditCheckpoint.Kind.HEAD)).isEmpty();
    assertThat(store.head(nobody)).isEmpty();
    assertThat(plane.audit().verify(nobody)).isInstanceOf(ChainVerification.Intact.class);
    assertThatThrownBy(() -> plane.audit().verify(operator, NOBODY))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> plane.audit().checkpoint(operator, NOBODY))
        .isInstanceOf(NotFoundException.class);
  }

  private List<AuditCheckpoint> handedOver() {
    return events.stream()
        .filter(event -> event.type() == EventType.AUDIT_CHECKPOINT)
        .map(event -> AuditCheckpoint.parse(event.details().get("checkpoint")))
        .toList();
  }

  private void append(TenantContext context, int count) {
    for (int i = 0; i < count; i++) {
      store.append(
          context, samples.event(context.organization(), "appended").with("n", "\u00e9" + i));
    }
  }

  private List<Long> seqs(TenantContext context) {
    return store.records(context, 0, 10_000).stream().map(AuditRecord::seq).toList();
  }

  private void assertIntact(TenantContext context, long count) {
    assertThat(plane.audit().verify(context))
        .isInstanceOfSatisfying(
            ChainVerification.Intact.class, found -> assertThat(found.events()).isEqualTo(count));
    assertThat(Optional.of(store.head(context).orElseThrow().seq()))
        .contains(seqs(context).get(seqs(context).size() - 1));
  }
}
