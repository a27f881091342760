package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LedgerMode;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitRevocations;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.Revocation;
import io.tenantkit.livekit.Revocation.Removal;
import io.tenantkit.livekit.TokenPolicies;
import io.tenantkit.livekit.TokenPolicy;
import io.tenantkit.livekit.TokenQuery;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.livekit.TokenVerification.Reason;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is kept out, from when until when, whatever the servers answer. */
class RevocationTest {
  private static final Operator OPERATOR = Operator.trusted("test", "revocation");
  private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");
  private static final Duration TTL = Duration.ofMinutes(30);
  private static final String NOBODY = "{\"participants\":[]}";
  private static final String HALL = "{\"rooms\":[{\"name\":\"hall\"}]}";
  private static final String ADA = "{\"participants\":[{\"identity\":\"ada\"}]}";

  private final TickingClock clock = TickingClock.at(START);
  private final Storage storage = Storage.inMemory();
  private final Egress egress = Egress.builder().unsafeAllowLoopback().build();
  private final ScriptedServer acmeServer =
      new ScriptedServer().on("ListParticipants", 200, ADA).on("ListRooms", 200, HALL);
  private final ScriptedServer globexServer =
      new ScriptedServer().on("ListParticipants", 200, ADA).on("ListRooms", 200, HALL);
  private final Node node = new Node(LedgerMode.DURABLE);
  private final LiveKit livekit = node.livekit;
  private final TenantContext acme = connected("acme", acmeServer.url());
  private final TenantContext globex = connected("globex", globexServer.url());

  /** A process on the one storage. */
  private final class Node implements AutoCloseable {
    private final ControlPlane plane;
    private final LiveKit livekit;

    private Node(LedgerMode mode) {
      MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
      plane = ControlPlane.builder(storage, keys).clock(clock).manualMaintenance().build();
      TokenPolicy policy = TokenPolicy.builder().maxTtl(TTL).defaultTtl(TTL).ledger(mode).build();
      livekit =
          LiveKit.builder(SecretVault.of(plane))
              .egress(egress)
              .tokenPolicies(TokenPolicies.always(policy))
              .build();
      due();
    }

    private void due() {
      plane.runDue(clock.instant());
    }

    private IssuedToken issue(TenantContext context, TokenRequest<?> request) {
      return livekit.tokens().issue(context, request);
    }

    @Override
    public void close() {
      plane.close();
    }
  }

  private TenantContext connected(String name, String url) {
    node.plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue secret = SecretValue.of(name + " secret".repeat(8))) {
      livekit.connect(context, LiveKitCredentials.of(url, "API" + name, secret));
    }
    return context;
  }

  @AfterEach
  void close() {
    node.close();
    storage.close();
    egress.close();
    acmeServer.close();
    globexServer.close();
  }

  private record Text(String id, String jwt) {}

  private Text token(TenantContext context, String identity, String room) {
    try (IssuedToken token = node.issue(context, ParticipantToken.join(room, identity))) {
      return new Text(token.id(), token.jwt().string(SecretAccess.get()));
    }
  }

  private void looks(int rounds) {
    for (int round = 0; round < rounds; round++) {
      clock.tick(LiveKitRevocations.LOOK_EVERY);
      node.due();
    }
  }

  private long removed(ScriptedServer server) {
    return Collections.frequency(server.called(), "RemoveParticipant");
  }

  private List<TokenDenial> denials() {
    return livekit.revocations().list(acme, PageRequest.first(100)).items();
  }

  private List<AuditEvent> events(String action) {
    return node.plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .filter(event -> event.action().equals(action))
        .toList();
  }

  private boolean isDenied(TenantContext context, String identity, String room) {
    try {
      token(context, identity, room);
      return false;
    } catch (AccessDeniedException e) {
      assertThat(e).hasMessage("this identity was revoked in this room");
      return true;
    }
  }

  @Test
  void aRevokedTokenKeepsItsBearerOutOfItsRoomAndNobodyElse() {
    Text ada = token(acme, "ada", "hall");
    Text bob = token(acme, "bob", "hall");
    Text attic = token(acme, "ada", "attic");

    Revocation revoked = livekit.revocations().revoke(acme, ada.id(), "left");

    assertThat(revoked.removal()).isEqualTo(Removal.REMOVED);
    assertThat(revoked.denial().target()).isEqualTo(TokenDenial.Target.TOKEN);
    assertThat(revoked.denial().until()).isEqualTo(START.plus(TTL).plus(LiveKitRevocations.WINDOW));
    assertThat(acmeServer.called()).containsExactly("ListParticipants", "RemoveParticipant");
    assertThat(globexServer.called()).isEmpty();
    assertThat(isDenied(acme, "ada", "hall")).isTrue();
    assertThat(isDenied(acme, "bob", "hall")).isFalse();
    assertThat(isDenied(acme, "ada", "attic")).isFalse();
    assertThat(isDenied(globex, "ada", "hall")).isFalse();
    assertThat(livekit.tokens().verify(acme, ada.jwt()))
        .isEqualTo(new TokenVerification.Refused(Set.of(Reason.REVOKED)));
    for (Text good : List.of(bob, attic)) {
      assertThat(livekit.tokens().verify(acme, good.jwt()))
          .isInstanceOf(TokenVerification.Valid.class);
    }
    assertThat(events("livekit.tokens.denied"))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.details())
                    .containsEntry("jti", ada.id())
                    .containsEntry("identity", "ada")
                    .containsEntry("room", "hall")
                    .containsEntry("reason", "left"));
    assertThat(events("livekit.participant.removed")).hasSize(1);
  }

  @Test
  void anotherTenantsTokenIsAsUnknownAsNone() {
    Text ada = token(acme, "ada", "hall");
    for (String jti : List.of(ada.id(), "tok_none")) {
      assertThatThrownBy(() -> livekit.revocations().revoke(globex, jti, "x"))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("token not found");
    }
    Revocation revoked = livekit.revocations().revoke(acme, "ada", "hall", "x");
    for (String id : List.of(revoked.denial().id(), "tdn_none")) {
      assertThatThrownBy(() -> livekit.revocations().lift(globex, id))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("denial not found");
    }
    assertThat(livekit.revocations().list(globex, PageRequest.first(10)).items()).isEmpty();
    assertThat(livekit.revocations().seen(globex, "ada", "hall")).isEqualTo(Removal.NOT_THERE);
    assertThat(globexServer.called()).isEmpty();
    assertThat(denials()).hasSize(1);
  }

  @Test
  void whoComesBackIsPutOutWithEachLookAndWithEachWebhook() {
    token(acme, "ada", "hall");
    livekit.revocations().revoke(acme, "ada", "hall", "left");
    looks(3);
    assertThat(removed(acmeServer)).isEqualTo(4);
    assertThat(livekit.revocations().seen(acme, "ada", "hall")).isEqualTo(Removal.REMOVED);
    assertThat(removed(acmeServer)).isEqualTo(5);
    assertThat(livekit.revocations().seen(acme, "bob", "hall")).isEqualTo(Removal.NOT_THERE);
    assertThat(livekit.revocations().seen(acme, "ada", "attic")).isEqualTo(Removal.NOT_THERE);
    assertThat(events("livekit.participants.listed")).as("looks are no events").isEmpty();
    assertThat(events("livekit.participant.removed")).hasSize(5);
    assertThat(globexServer.called()).isEmpty();
  }

  @Test
  void aDenialEndsAWindowAfterTheLastTokenAndAfterWhoCameBackWasSeenLast() {
    token(acme, "ada", "hall");
    livekit.revocations().revoke(acme, "ada", "hall", "left");
    Instant end = START.plus(TTL).plus(LiveKitRevocations.WINDOW);
    // Seen a moment before the end: from then on a window more.
    acmeServer.on("ListParticipants", 200, NOBODY);
    clock.tick(Duration.between(START, end).minusSeconds(1));
    acmeServer.on("ListParticipants", 200, ADA);
    node.due();
    acmeServer.on("ListParticipants", 200, NOBODY);
    Instant seen = clock.instant();
    clock.tick(LiveKitRevocations.WINDOW.minusSeconds(1));
    assertThat(clock.instant()).isAfter(end);
    assertThat(isDenied(acme, "ada", "hall")).isTrue();
    node.due();
    clock.tick(Duration.ofMinutes(2));
    assertThat(clock.instant()).isBefore(seen.plus(LiveKitRevocations.WINDOW).plusSeconds(120));
    assertThat(isDenied(acme, "ada", "hall")).isFalse();
    assertThat(denials()).isEmpty();
    long calls = acmeServer.called().size();
    looks(1);
    assertThat(acmeServer.called()).as("nobody is looked for any more").hasSize((int) calls);
  }

  @Test
  void aServerThatIsAwayLeavesItPendingUntilItIsBack() {
    token(acme, "ada", "hall");
    acmeServer.on("ListParticipants", 503, "{\"code\":\"unavailable\"}");

    Revocation revoked = livekit.revocations().revoke(acme, "ada", "hall", "left");
    assertThat(revoked.removal()).isEqualTo(Removal.PENDING);
    assertThat(isDenied(acme, "ada", "hall")).isTrue();
    looks(2);
    acmeServer.on("ListParticipants", 200, ADA);
    looks(6);
    assertThat(removed(acmeServer)).isPositive();
  }

  @Test
  void aServerThatIsAwayForLongKeepsTheDenialAliveForADayAtMost() {
    token(acme, "ada", "hall");
    acmeServer.on("ListParticipants", 503, "{\"code\":\"unavailable\"}");
    livekit.revocations().revoke(acme, "ada", "hall", "left");
    Instant end = START.plus(TTL).plus(LiveKitRevocations.WINDOW);
    while (clock.instant().isBefore(end.plus(Duration.ofHours(2)))) {
      clock.tick(Duration.ofMinutes(6));
      node.due();
    }
    assertThat(denials()).as("nobody knows who is there").hasSize(1);
    while (clock.instant().isBefore(end.plus(Duration.ofHours(25)))) {
      clock.tick(Duration.ofMinutes(6));
      node.due();
    }
    assertThat(denials()).isEmpty();
  }

  @Test
  void anIdentityWithoutATokenIsKeptOutAsLongAsThePolicyLetsOneLive() {
    acmeServer.on("ListParticipants", 200, NOBODY);
    Revocation revoked = livekit.revocations().revoke(acme, "eve", "hall", "uninvited");
    assertThat(revoked.removal()).isEqualTo(Removal.NOT_THERE);
    assertThat(revoked.denial().until()).isEqualTo(START.plus(TTL).plus(LiveKitRevocations.WINDOW));
    assertThat(isDenied(acme, "eve", "hall")).isTrue();
  }

  @Test
  void aTokenThatAnotherNodeIssuedMeanwhileMovesTheEndOn() {
    try (Node other = new Node(LedgerMode.BATCHED)) {
      other.issue(acme, ParticipantToken.join("hall", "ada")).close();
      other.due();
      livekit.revocations().revoke(acme, "ada", "hall", "left");
      Instant until = denials().get(0).until();
      // It has not heard of it yet.
      clock.tick(Duration.ofSeconds(1));
      other.issue(acme, ParticipantToken.join("hall", "ada")).close();
      clock.tick(Duration.ofSeconds(1));
      other.due();
      assertThatThrownBy(() -> other.issue(acme, ParticipantToken.join("hall", "ada")))
          .isInstanceOf(AccessDeniedException.class);
      acmeServer.on("ListParticipants", 200, NOBODY);
      looks(1);
      assertThat(denials().get(0).until()).isAfterOrEqualTo(until.plusSeconds(1));
    }
  }

  @Test
  void tokensThatWaitToBeWrittenAreRevokedToo() {
    try (Node batched = new Node(LedgerMode.BATCHED)) {
      String id;
      try (IssuedToken token = batched.issue(acme, ParticipantToken.join("hall", "ada"))) {
        id = token.id();
      }
      assertThat(batched.livekit.tokens().count(acme, TokenQuery.all())).isZero();
      assertThat(batched.livekit.revocations().revoke(acme, id, "left").removal())
          .isEqualTo(Removal.REMOVED);
      assertThat(batched.livekit.tokens().count(acme, TokenQuery.all())).isOne();
    }
  }

  @Test
  void allOfBeforeAreRevokedAndNewOnesAreGood() {
    Text old = token(acme, "ada", "hall");
    Text other = token(globex, "ada", "hall");
    Revocation all = livekit.revocations().revokeAll(acme, "keys leaked");
    assertThat(all.removal()).isEqualTo(Removal.REMOVED);
    assertThat(livekit.tokens().verify(acme, old.jwt()))
        .isEqualTo(new TokenVerification.Refused(Set.of(Reason.REVOKED)));
    assertThat(livekit.tokens().verify(globex, other.jwt()))
        .isInstanceOf(TokenVerification.Valid.class);
    looks(1);
    assertThat(removed(acmeServer)).isEqualTo(2);

    Text fresh = token(acme, "ada", "hall");
    assertThat(livekit.tokens().verify(acme, fresh.jwt()))
        .isInstanceOf(TokenVerification.Valid.class);
    looks(1);
    assertThat(removed(acmeServer)).as("ada has a newer one").isEqualTo(2);
    assertThat(globexServer.called()).isEmpty();
  }

  @Test
  void afterAllAreRevokedWhoComesBackIsPutOutAtTheServersWord() {
    token(acme, "ada", "hall");
    livekit.revocations().revokeAll(acme, "keys leaked");
    long before = removed(acmeServer);
    assertThat(livekit.revocations().seen(acme, "ada", "hall")).isEqualTo(Removal.REMOVED);
    assertThat(removed(acmeServer)).isEqualTo(before + 1);
    assertThat(livekit.revocations().seen(globex, "ada", "hall")).isEqualTo(Removal.NOT_THERE);
    assertThat(livekit.revocations().seen(acme, "eve", "hall"))
        .as("nothing is known of her yet")
        .isEqualTo(Removal.PENDING);

    clock.tick(Duration.ofSeconds(1));
    token(acme, "ada", "hall");
    assertThat(livekit.revocations().seen(acme, "ada", "hall"))
        .as("has a newer one")
        .isEqualTo(Removal.NOT_THERE);
    acmeServer.on("GetParticipant", 404, "{\"code\":\"not_found\"}");
    token(acme, "bob", "attic");
    clock.tick(Duration.ofSeconds(1));
    livekit.revocations().revokeAll(acme, "once more");
    long calls = removed(acmeServer);
    assertThat(livekit.revocations().seen(acme, "bob", "attic"))
        .as("gone again")
        .isEqualTo(Removal.NOT_THERE);
    assertThat(removed(acmeServer)).isEqualTo(calls);
    assertThat(globexServer.called()).isEmpty();
  }

  @Test
  void whoseRowMayStillComeIsNotPutOutAtTheServersWord() {
    try (Node batched = new Node(LedgerMode.BATCHED);
        Node other = new Node(LedgerMode.BATCHED)) {
      for (String who : List.of("ada", "bob")) {
        other.issue(acme, ParticipantToken.join("hall", who)).close();
      }
      clock.tick(Duration.ofSeconds(1));
      other.due();
      batched.livekit.revocations().revokeAll(acme, "keys leaked");
      clock.tick(Duration.ofSeconds(1));
      long before = removed(acmeServer);

      other.issue(acme, ParticipantToken.join("hall", "ada")).close();
      assertThat(batched.livekit.revocations().seen(acme, "ada", "hall"))
          .as("another node's row waits")
          .isEqualTo(Removal.PENDING);
      batched.issue(acme, ParticipantToken.join("hall", "bob")).close();
      assertThat(batched.livekit.revocations().seen(acme, "bob", "hall"))
          .as("its own row is written for it")
          .isEqualTo(Removal.NOT_THERE);
      assertThat(removed(acmeServer)).isEqualTo(before);
      other.due();
      assertThat(batched.livekit.revocations().seen(acme, "ada", "hall"))
          .isEqualTo(Removal.NOT_THERE);
    }
  }

  @Test
  void aLiftedDenialIsOver() {
    Text ada = token(acme, "ada", "hall");
    Revocation revoked = livekit.revocations().revoke(acme, ada.id(), "left");
    livekit.revocations().lift(acme, revoked.denial().id());

    assertThat(isDenied(acme, "ada", "hall")).isFalse();
    assertThat(livekit.tokens().verify(acme, ada.jwt()))
        .isInstanceOf(TokenVerification.Valid.class);
    long before = removed(acmeServer);
    looks(2);
    assertThat(removed(acmeServer)).isEqualTo(before);
    assertThat(events("livekit.tokens.allowed")).hasSize(1);
    assertThatThrownBy(() -> livekit.revocations().lift(acme, revoked.denial().id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aDenialHoldsInItsEnvironmentAlone() {
    TenantContext test = acme.within(Set.of(Environment.DEVELOPMENT, Environment.STAGING));
    try (SecretValue secret = SecretValue.of("another secret".repeat(3))) {
      livekit.connect(test, LiveKitCredentials.of(acmeServer.url(), "APItest", secret));
    }
    Text staged = token(test, "ada", "hall");
    assertThatThrownBy(() -> livekit.revocations().revoke(acme, staged.id(), "x"))
        .isInstanceOf(NotFoundException.class);
    Revocation revoked = livekit.revocations().revoke(acme, "ada", "hall", "x");
    assertThat(isDenied(test, "ada", "hall")).isFalse();
    assertThat(livekit.revocations().list(test, PageRequest.first(10)).items()).isEmpty();
    assertThatThrownBy(() -> livekit.revocations().lift(test, revoked.denial().id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void scopesJoinedTransactionsAndBoundsAreHeld() {
    Text ada = token(acme, "ada", "hall");
    TenantContext reads = acme.limitedTo(ScopeSet.of("livekit:read", "livekit:create-session"));
    LiveKitRevocations revocations = livekit.revocations();
    for (Callable<?> call :
        List.<Callable<?>>of(
            () -> revocations.revoke(reads, ada.id(), "x"),
            () -> revocations.revoke(reads, "ada", "hall", "x"),
            () -> revocations.revokeAll(reads, "x"),
            () -> revocations.seen(reads, "ada", "hall"))) {
      assertThatThrownBy(call::call).isInstanceOf(AccessDeniedException.class);
    }
    assertThatThrownBy(() -> revocations.lift(reads, "x"))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(revocations.list(reads, PageRequest.first(10)).items()).isEmpty();
    TenantContext joined = acme.joining(action -> {});
    for (Callable<?> call :
        List.<Callable<?>>of(
            () -> revocations.revoke(joined, ada.id(), "x"),
            () -> revocations.list(joined, PageRequest.first(10)),
            () -> livekit.tokens().issued(joined, TokenQuery.all(), PageRequest.first(1)),
            () -> livekit.tokens().count(joined, TokenQuery.all()))) {
      assertThatThrownBy(call::call)
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
    }
    for (String reason : List.of("", "x".repeat(256), "a\r\nb")) {
      assertThatThrownBy(() -> revocations.revoke(acme, "ada", "hall", reason))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("reason: ");
    }
    assertThatThrownBy(() -> revocations.revoke(acme, "x".repeat(10_240), "hall", "x"))
        .hasMessageStartingWith("identity: ");
    assertThatThrownBy(() -> revocations.revoke(acme, "ada", "", "x"))
        .hasMessageStartingWith("room: ");
    try (IssuedToken api =
        node.issue(acme, ApiToken.of("report").grant(VideoPermission.ROOM_LIST))) {
      assertThatThrownBy(() -> revocations.revoke(acme, api.id(), "x"))
          .hasMessageStartingWith("jti: ");
    }
    assertThat(denials()).isEmpty();
  }

  @Test
  void aTenantWithASlowOrDeadServerDoesNotKeepOthersFromBeingLookedAt() {
    token(acme, "ada", "hall");
    token(globex, "ada", "hall");
    acmeServer.on("ListParticipants", 500, "garbage");
    livekit.revocations().revoke(acme, "ada", "hall", "x");
    livekit.revocations().revoke(globex, "ada", "hall", "x");
    long calls = acmeServer.called().size();
    looks(12);
    assertThat(removed(globexServer)).isEqualTo(13);
    assertThat(acmeServer.called().size() - calls).as("it is left alone ever longer").isLessThan(6);
  }
}
