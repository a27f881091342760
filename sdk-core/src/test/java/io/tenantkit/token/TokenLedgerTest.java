package io.tenantkit.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.FailingLedger;
import io.tenantkit.FailingLedger.Failure;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.token.TokenDenial.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tokens that wait are written once, and denials are known without the storage. */
class TokenLedgerTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final Operator OPERATOR = Operator.trusted("test", "ledger");
  private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");

  private final TickingClock clock = TickingClock.at(START);
  private final Storage memory = Storage.inMemory();
  private final FailingLedger storage = new FailingLedger(memory);
  private final ControlPlane plane = plane(storage);
  private final TokenLedger ledger = ledger(plane);
  private final TenantContext acme = organization(ACME);
  private final TenantContext globex = organization(GLOBEX);

  @AfterEach
  void close() {
    storage.fail(Failure.NONE);
    plane.close();
    storage.close();
  }

  private ControlPlane plane(Storage of) {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    return ControlPlane.builder(of, keys).clock(clock).manualMaintenance().build();
  }

  private static TokenLedger ledger(ControlPlane of) {
    return TokenLedger.of(of.runtime(), "livekit", entry -> Map.of("jti", entry.id()));
  }

  private TenantContext organization(OrganizationId id) {
    plane.organizations().create(OPERATOR, id, id.value());
    return TenantContext.trusted(id, "test");
  }

  private LedgerEntry token(TenantContext context) {
    return new LedgerEntry(
        context.organization(),
        "livekit",
        Environment.PRODUCTION,
        plane.runtime().ids().next("tok"),
        "ada",
        "hall",
        "standard",
        "roomJoin",
        clock.instant(),
        clock.instant().plusSeconds(60),
        context.actor());
  }

  private void queue(TenantContext context) {
    ledger.queue(token(context), clock.millis());
  }

  private long count(TenantContext context) {
    return ledger.count(context, LedgerQuery.all());
  }

  private List<AuditEvent> events(TenantContext context, String action) {
    return plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .filter(event -> event.action().equals(action))
        .toList();
  }

  private void deny(TokenLedger by, Target target, Instant until) {
    TokenDenial denial =
        new TokenDenial(
            plane.runtime().ids().next("tdn"),
            "livekit",
            Environment.PRODUCTION,
            target,
            target == Target.TOKEN ? "tok_1" : "",
            target == Target.ALL ? "" : "ada",
            target == Target.ALL ? "" : "hall",
            clock.instant(),
            until,
            until,
            Actor.host("test"),
            "test");
    by.deny(
        acme,
        denial,
        plane.runtime().event(acme, clock.instant(), "livekit.tokens.denied", "d", denial.id()));
  }

  private boolean denied(TokenLedger by) {
    return by.denials(ACME, clock.millis())
        .of(Environment.PRODUCTION, "ada", "hall", clock.instant())
        .isPresent();
  }

  @Test
  void tokensThatWaitAreWrittenWithTheirEventsAfterTheInterval() {
    plane.runDue(clock.instant());
    int calls = storage.calls();
    for (int i = 0; i < 1_500; i++) {
      queue(acme);
    }
    queue(globex);
    assertThat(storage.calls()).as("nothing was asked of the storage").isEqualTo(calls);

    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());

    assertThat(count(acme)).isEqualTo(1_500);
    assertThat(count(globex)).isOne();
    assertThat(events(globex, "livekit.token.issued"))
        .hasSize(1)
        .allSatisfy(
            event -> {
              assertThat(event.details()).containsEntry("jti", event.targetId());
              assertThat(event.actor()).isEqualTo(globex.actor());
              assertThat(event.at()).isEqualTo(START);
            });
  }

  @Test
  void tokensThatWaitAreWrittenAtTheClose() {
    queue(acme);
    plane.close();
    CoreStores stores = memory.stores(CoreStores.class).orElseThrow();
    assertThat(stores.tokenLedger().count(acme, "livekit", LedgerQuery.all())).isOne();
    assertThatThrownBy(() -> queue(acme))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void whatWasNotWrittenIsWrittenOnceWhenTheStorageIsBack() {
    plane.runDue(clock.instant());
    queue(acme);
    storage.fail(Failure.AWAY);
    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());
    queue(acme);
    // Written, but the answer is lost.
    storage.fail(Failure.LOST);
    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());
    queue(acme);
    storage.fail(Failure.NONE);
    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());

    assertThat(count(acme)).isEqualTo(3);
    assertThat(events(acme, "livekit.token.issued")).hasSize(3);
  }

  @Test
  void nothingMoreIsTakenWhenTheStorageWasAwayForTooLong() {
    queue(acme);
    storage.fail(Failure.AWAY);
    clock.tick(LedgerQueue.LONGEST);
    queue(acme);
    clock.tick(Duration.ofMillis(1));
    assertThatThrownBy(() -> queue(acme))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
    queue(globex);

    storage.fail(Failure.NONE);
    queue(acme);
    ledger.flush(ACME);
    assertThat(count(acme)).isEqualTo(3);
  }

  @Test
  void oneOrganizationThatCannotBeWrittenDoesNotKeepTheOthersFromIt() {
    queue(acme);
    queue(globex);
    storage.fail(Failure.BROKEN, ACME);
    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());
    assertThat(count(globex)).isOne();
    assertThat(count(acme)).isZero();
  }

  /** A row that the storage refuses for a fault is no row that was there before. */
  @Test
  void whatIsRefusedAndIsNotThereWaitsOn() {
    queue(acme);
    queue(acme);
    storage.fail(Failure.REFUSING);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> ledger.flush(ACME))
          .isInstanceOfSatisfying(
              StorageException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
    }
    clock.tick(LedgerQueue.LONGEST.plusMillis(1));
    assertThatThrownBy(() -> queue(acme))
        .as("nor is more taken")
        .isInstanceOf(StorageException.class);

    storage.fail(Failure.NONE);
    ledger.flush(ACME);

    assertThat(count(acme)).isEqualTo(2);
    assertThat(events(acme, "livekit.token.issued")).hasSize(2);
  }

  @Test
  void whatWaitsOfAnErasedOrganizationIsDroppedAndHoldsNothingUp() {
    queue(acme);
    storage.fail(Failure.ERASED, ACME);
    ledger.flush(ACME);
    clock.tick(LedgerQueue.LONGEST.plusMillis(1));
    queue(acme);
    ledger.flush(ACME);

    storage.fail(Failure.NONE);
    ledger.flush(ACME);
    assertThat(count(acme)).isZero();
    assertThatThrownBy(
            () -> {
              storage.fail(Failure.ERASED, ACME);
              ledger.write(acme, token(acme));
            })
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ORGANIZATION_ERASED));
  }

  @Test
  void manyThreadsQueueWhileOthersWrite() {
    Race.of(
        16,
        i -> {
          for (int each = 0; each < 50; each++) {
            queue(i % 2 == 0 ? acme : globex);
          }
          ledger.flush(i % 2 == 0 ? ACME : GLOBEX);
          return i;
        });
    assertThat(count(acme)).isEqualTo(400);
    assertThat(events(globex, "livekit.token.issued")).hasSize(400);
    assertThat(count(globex)).isEqualTo(400);
  }

  @Test
  void denialHoldsAtOnceHereAndElsewhereWithinTheBound() {
    ControlPlane other = plane(memory);
    TokenLedger elsewhere = ledger(other);
    plane.runDue(clock.instant());
    other.runDue(clock.instant());
    assertThat(denied(ledger)).isFalse();

    deny(ledger, Target.SUBJECT, START.plusSeconds(3_600));
    assertThat(denied(ledger)).isTrue();
    assertThat(denied(elsewhere)).as("a moment ago there was none").isFalse();
    clock.tick(ControlPlane.Builder.DEFAULT_REVOCATION_BOUND);
    assertThat(denied(elsewhere)).as("nothing was heard for the bound, so it is asked").isTrue();
    other.runDue(clock.instant());
    assertThat(elsewhere.denied()).containsExactly(ACME);

    String id = ledger.denials(ACME, clock.millis()).active(clock.instant()).get(0).id();
    assertThat(ledger.lift(acme, id, plane.runtime().event(acme, START, "lifted", "d", id)))
        .isTrue();
    assertThat(denied(ledger)).isFalse();
    assertThat(denied(elsewhere)).isTrue();
    clock.tick(TokenLedger.FLUSH_EVERY);
    other.runDue(clock.instant());
    assertThat(denied(elsewhere)).isFalse();
    other.close();
  }

  @Test
  void whoIsDeniedIsKnownWithoutTheStorageAndFailsClosedWithoutNews() {
    deny(ledger, Target.SUBJECT, START.plusSeconds(3_600));
    plane.runDue(clock.instant());
    int calls = storage.calls();
    assertThat(denied(ledger)).isTrue();
    assertThat(ledger.denials(GLOBEX, clock.millis()).isEmpty()).isTrue();
    assertThat(storage.calls()).isEqualTo(calls);

    storage.fail(Failure.AWAY);
    clock.tick(ControlPlane.Builder.DEFAULT_REVOCATION_BOUND);
    assertThatThrownBy(() -> ledger.denials(GLOBEX, clock.millis()))
        .isInstanceOf(StorageException.class);
  }

  @Test
  void denialEndsByItselfAndIsMovedOn() {
    deny(ledger, Target.SUBJECT, START.plusSeconds(10));
    clock.tick(Duration.ofSeconds(10));
    assertThat(denied(ledger)).isFalse();
    clock.tick(Duration.ofSeconds(1));

    deny(ledger, Target.SUBJECT, clock.instant().plusSeconds(10));
    TokenDenial denial = ledger.denials(ACME, clock.millis()).active(clock.instant()).get(0);
    ledger.extend(acme, denial.id(), clock.instant().plusSeconds(60));
    clock.tick(Duration.ofSeconds(30));
    assertThat(denied(ledger)).isTrue();
  }

  @Test
  void whatThisNodeChangesItKnowsWithoutAReadOfAllDenials() {
    plane.runDue(clock.instant());
    int reads = storage.denialReads();
    deny(ledger, Target.SUBJECT, START.plusSeconds(10));
    deny(ledger, Target.TOKEN, START.plusSeconds(20));
    TokenDenial first = ledger.denials(ACME, clock.millis()).active(START).get(0);
    ledger.extend(acme, first.id(), START.plusSeconds(60));
    ledger.extend(acme, first.id(), START.plusSeconds(30));
    Denials known = ledger.denials(ACME, clock.millis());
    assertThat(known.active(START.plusSeconds(59)))
        .containsExactly(first.until(START.plusSeconds(60)));
    for (TokenDenial each : known.active(START)) {
      ledger.lift(acme, each.id(), plane.runtime().event(acme, START, "lifted", "d", each.id()));
    }
    assertThat(ledger.denials(ACME, clock.millis()).isEmpty()).isTrue();
    assertThat(storage.denialReads()).isEqualTo(reads);

    // What others wrote meanwhile comes with the next news, whatever this node made of it.
    ControlPlane other = plane(memory);
    deny(ledger, Target.SUBJECT, START.plusSeconds(10));
    deny(ledger(other), Target.ALL, START.plusSeconds(10));
    assertThat(ledger.denials(ACME, clock.millis()).active(START)).hasSize(1);
    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());
    assertThat(ledger.denials(ACME, clock.millis()).active(START)).hasSize(2);
    other.close();
  }

  @Test
  void eachTargetDeniesWhatItNames() {
    deny(ledger, Target.TOKEN, START.plusSeconds(60));
    Denials token = ledger.denials(ACME, clock.millis());
    Instant now = clock.instant();
    assertThat(token.of(Environment.PRODUCTION, "tok_1", "eve", "attic", now, now)).isPresent();
    assertThat(token.of(Environment.PRODUCTION, "tok_2", "ada", "hall", now, now)).isPresent();
    assertThat(token.of(Environment.PRODUCTION, "tok_2", "ada", "attic", now, now)).isEmpty();
    assertThat(token.of(Environment.STAGING, "tok_1", "ada", "hall", now, now)).isEmpty();

    clock.tick(Duration.ofSeconds(1));
    deny(ledger, Target.ALL, START.plusSeconds(60));
    Denials all = ledger.denials(ACME, clock.millis());
    Instant later = clock.instant();
    assertThat(all.of(Environment.PRODUCTION, "tok_9", "x", "y", later, later)).isPresent();
    assertThat(all.of(Environment.PRODUCTION, "tok_9", "x", "y", later.plusNanos(1_000), later))
        .isEmpty();
    assertThat(all.of(Environment.STAGING, "tok_9", "x", "y", later, later)).isEmpty();
    assertThat(all.of(Environment.PRODUCTION, "x", "y", later)).isEmpty();
  }

  @Test
  void whatEndedLongAgoIsRemoved() {
    queue(acme);
    deny(ledger, Target.SUBJECT, START.plusSeconds(60));
    ledger.flush(ACME);
    clock.tick(TokenLedger.KEPT.plusSeconds(60));
    plane.runDue(clock.instant());
    assertThat(count(acme)).isOne();

    clock.tick(Duration.ofMinutes(10));
    plane.runDue(clock.instant());
    assertThat(count(acme)).isZero();
    assertThat(ledger.list(acme, LedgerQuery.all(), PageRequest.first(10)).items()).isEmpty();
    assertThat(events(acme, "livekit.token.issued")).as("the trail keeps it").hasSize(1);
  }
}
