package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitRevocations;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.Revocation.Removal;
import io.tenantkit.livekit.testing.FakeLiveKitServer;
import io.tenantkit.livekit.testing.FakeParticipant;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Revocation where a server's lists are longer than what is read of an answer: 4 kB here. */
class LongListsTest {
  private static final Operator OPERATOR = Operator.trusted("test", "long lists");
  private static final int LONGEST = 4_000;

  private final TickingClock clock = TickingClock.at(Instant.parse("2026-11-21T12:00:00Z"));
  private final Storage storage = Storage.inMemory();
  private final Egress egress =
      Egress.builder().unsafeAllowLoopback().maxAnswerBytes(LONGEST).build();
  private final FakeLiveKitServer server = FakeLiveKitServer.builder().clock(clock).start();
  private final ControlPlane plane =
      ControlPlane.builder(
              storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
          .clock(clock)
          .manualMaintenance()
          .build();
  private final LiveKit livekit = LiveKit.builder(SecretVault.of(plane)).egress(egress).build();
  private final LiveKitRevocations revocations = livekit.revocations();
  private final TenantContext acme = acme();

  private TenantContext acme() {
    OrganizationId id = OrganizationId.of("acme");
    plane.organizations().create(OPERATOR, id, "acme");
    TenantContext context = TenantContext.trusted(id, "test");
    livekit.connect(context, server.credentials());
    plane.runDue(clock.instant());
    return context;
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
    egress.close();
    server.close();
  }

  private String jwt(ParticipantToken request) {
    try (IssuedToken token = livekit.tokens().issue(acme, request)) {
      return token.jwt().string(SecretAccess.get());
    }
  }

  private FakeParticipant join(String room, String identity, int metadataBytes) {
    return server.join(
        jwt(ParticipantToken.join(room, identity).metadata("m".repeat(metadataBytes))));
  }

  private List<FakeParticipant> crowd(String room, int people) {
    List<FakeParticipant> all = new ArrayList<>();
    for (int i = 0; i < people; i++) {
      all.add(join(room, "guest" + i, 1_000));
    }
    return all;
  }

  private void look() {
    clock.tick(LiveKitRevocations.LOOK_EVERY);
    plane.runDue(clock.instant());
  }

  /** A look has some seconds, which on a slow machine may not be enough for all. */
  private void lookUntilGone(List<FakeParticipant> people) {
    for (int i = 0; i < 10 && people.stream().anyMatch(FakeParticipant::connected); i++) {
      look();
    }
  }

  private long removals() {
    return plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .filter(event -> event.action().equals("livekit.participant.removed"))
        .count();
  }

  @Test
  void whoIsDeniedIsPutOutOfARoomThatHasTooManyPeopleToList() {
    List<FakeParticipant> crowd = crowd("hall", 6);
    String ada = jwt(ParticipantToken.join("hall", "ada"));
    FakeParticipant first = server.join(ada);

    assertThat(revocations.revoke(acme, "ada", "hall", "left").removal())
        .isEqualTo(Removal.REMOVED);
    assertThat(first.connected()).isFalse();
    FakeParticipant back = server.join(ada);
    look();
    assertThat(back.connected()).isFalse();
    assertThat(crowd).allMatch(FakeParticipant::connected);

    assertThat(revocations.revoke(acme, "bob", "hall", "left").removal())
        .as("never came")
        .isEqualTo(Removal.NOT_THERE);
    look();
    assertThat(removals()).as("nobody is told to go who is not there").isEqualTo(2);
  }

  @Test
  void whoHasMoreToSayThanCanBeReadIsPutOutToo() {
    FakeParticipant eve = join("hall", "eve", 2 * LONGEST);
    assertThat(revocations.revoke(acme, "eve", "hall", "left").removal())
        .isEqualTo(Removal.REMOVED);
    assertThat(eve.connected()).isFalse();
  }

  @Test
  void ofTooManyRoomsToListThoseOfDenialsAreAskedForInParts() {
    List<FakeParticipant> again = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String ada = jwt(ParticipantToken.join("room" + i, "ada"));
      server.join(ada);
      revocations.revoke(acme, "ada", "room" + i, "left");
      again.add(server.join(ada));
      server.join(jwt(ParticipantToken.join("room" + i, "bob")));
    }
    lookUntilGone(again);
    assertThat(again).noneMatch(FakeParticipant::connected);
  }

  @Test
  void afterAllAreRevokedThoseWhomTheLedgerKnowsArePutOut() {
    List<FakeParticipant> people = crowd("hall", 6);
    for (int i = 0; i < 40; i++) {
      people.add(join("room" + i, "ada", 10));
    }
    FakeParticipant eve = join("hall", "eve", 2 * LONGEST);
    clock.tick(Duration.ofSeconds(1));

    assertThat(revocations.revokeAll(acme, "keys leaked").removal())
        .as("there may be rooms and people that the ledger does not know")
        .isEqualTo(Removal.PENDING);
    people.add(eve);
    lookUntilGone(people);
    assertThat(people).noneMatch(FakeParticipant::connected);

    clock.tick(Duration.ofSeconds(1));
    List<FakeParticipant> newer = crowd("hall", 6);
    FakeParticipant back = server.join(people.get(20).refreshedToken());
    assertThat(back.connected()).isTrue();
    look();
    assertThat(back.connected()).isFalse();
    assertThat(newer).as("came with newer tokens").allMatch(FakeParticipant::connected);
  }

  @Test
  void afterAllAreRevokedARoomThatHasTooManyPeopleToListIsEmptied() {
    List<FakeParticipant> people = crowd("hall", 6);
    people.add(join("attic", "ada", 10));
    assertThat(revocations.revokeAll(acme, "keys leaked").removal()).isEqualTo(Removal.PENDING);
    lookUntilGone(people);
    assertThat(people).noneMatch(FakeParticipant::connected);
  }
}
