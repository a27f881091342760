package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitRevocations;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.Revocation;
import io.tenantkit.livekit.Revocation.Removal;
import io.tenantkit.livekit.TokenQuery;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.livekit.TokenVerification.Reason;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.testing.FakeLiveKitServer;
import io.tenantkit.livekit.testing.FakeParticipant;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often and where rooms are looked at for those who were revoked, and whom a look finds. */
class RevocationLooksTest {
  private static final Operator OPERATOR = Operator.trusted("test", "looks");
  private static final Duration EVERY = LiveKitRevocations.LOOK_EVERY;
  private static final String ADA = "{\"participants\":[{\"identity\":\"ada\"}]}";
  private static final String HALL = "{\"rooms\":[{\"name\":\"hall\"}]}";

  /** So many removals that fail one after the other end a look. */
  private static final int MOST_FAILURES = 8;

  private static final String AWAY = "{\"code\":\"unavailable\"}";

  private final TickingClock clock = TickingClock.at(Instant.parse("2026-11-21T12:00:00Z"));
  private final Storage storage = Storage.inMemory();
  private final Egress egress = Egress.builder().unsafeAllowLoopback().build();
  private final ScriptedServer server =
      new ScriptedServer().on("ListParticipants", 200, ADA).on("ListRooms", 200, HALL);
  private final ControlPlane plane =
      ControlPlane.builder(
              storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
          .clock(clock)
          .manualMaintenance()
          .build();
  private final LiveKit livekit = LiveKit.builder(SecretVault.of(plane)).egress(egress).build();
  private final LiveKitRevocations revocations = livekit.revocations();
  private final TenantContext acme = organization("acme");

  private TenantContext organization(String name) {
    plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    plane.runDue(clock.instant());
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    connect(context, server.url());
    return context;
  }

  private void connect(TenantContext context, String url) {
    String name = context.organization().value();
    try (SecretValue secret = SecretValue.of(name + " secret".repeat(8))) {
      livekit.connect(context, LiveKitCredentials.of(url, "API" + name, secret));
    }
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
    egress.close();
    server.close();
  }

  private void look() {
    clock.tick(EVERY);
    plane.runDue(clock.instant());
  }

  private String jwt(TokenRequest<?> request) {
    try (IssuedToken token = livekit.tokens().issue(acme, request)) {
      return token.jwt().string(SecretAccess.get());
    }
  }

  /** Takes calls and never answers; what was taken tells when the caller hung up. */
  private static final class SilentServer implements AutoCloseable {
    private final ServerSocket socket = open();
    private final List<Socket> taken = new CopyOnWriteArrayList<>();

    SilentServer() {
      Thread taking = new Thread(this::take, "silent");
      taking.setDaemon(true);
      taking.start();
    }

    private static ServerSocket open() {
      try {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void take() {
      try {
        while (true) {
          taken.add(socket.accept());
        }
      } catch (IOException e) {
        // Closed: the test is over.
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
      for (Socket each : taken) {
        each.close();
      }
    }
  }

  /** Shorter than the way out waits for two answers, or for one of each room. */
  @Test
  @Timeout(40)
  void aSilentServerTakesOneCallOfALookAndOthersAreLookedAtMeanwhile() throws Exception {
    TenantContext globex = organization("globex");
    for (String room : List.of("attic", "cellar", "hall", "kitchen", "porch")) {
      revocations.revoke(acme, "ada", room, "left");
    }
    revocations.revoke(globex, "ada", "hall", "left");
    int before = Collections.frequency(server.called(), "RemoveParticipant");
    try (SilentServer silent = new SilentServer()) {
      connect(acme, "ws://127.0.0.1:" + silent.socket.getLocalPort());
      look();
      assertThat(silent.taken).as("it ends with the first answer that does not come").hasSize(1);
      assertThat(Collections.frequency(server.called(), "RemoveParticipant")).isEqualTo(before + 1);
      look();
      look();
      assertThat(silent.taken).as("and pauses").hasSize(2);
      assertThat(Collections.frequency(server.called(), "RemoveParticipant")).isEqualTo(before + 3);
      assertThat(revocations.revoke(acme, "bob", "hall", "left").removal())
          .isEqualTo(Removal.PENDING);
    }
  }

  @Test
  void pausesDoubleUpToFiveMinutesAndEndWithTheFirstAnswer() {
    server.on("ListParticipants", 503, AWAY);
    revocations.revoke(acme, "ada", "hall", "left");
    List<Long> gaps = new ArrayList<>();
    Instant last = clock.instant();
    while (gaps.size() < 8) {
      int calls = server.called().size();
      look();
      if (server.called().size() > calls) {
        gaps.add(Duration.between(last, clock.instant()).toSeconds());
        last = clock.instant();
      }
    }
    assertThat(gaps).containsExactly(10L, 10L, 20L, 40L, 80L, 160L, 300L, 300L);
    assertThat(LiveKitRevocations.LONGEST_PAUSE).isEqualTo(Duration.ofMinutes(5));

    server.on("ListParticipants", 200, ADA);
    int calls = server.called().size();
    while (clock.instant().isBefore(last.plus(LiveKitRevocations.LONGEST_PAUSE).minus(EVERY))) {
      look();
    }
    assertThat(server.called()).as("not yet").hasSize(calls);
    look();
    assertThat(Collections.frequency(server.called(), "RemoveParticipant")).isOne();
    look();
    assertThat(Collections.frequency(server.called(), "RemoveParticipant")).isEqualTo(2);
  }

  @Test
  void whoIsOnTheServerThatIsBeingReplacedIsPutOutThereToo() {
    try (ScriptedServer next =
        new ScriptedServer().on("ListRooms", 200, HALL).on("ListParticipants", 200, people(0))) {
      Duration overlap = Duration.ofHours(1);
      try (SecretValue secret = SecretValue.of("the-next-secret".repeat(4))) {
        livekit.connect(acme, LiveKitCredentials.of(next.url(), "APInext", secret), overlap);
      }
      assertThat(revocations.revoke(acme, "ada", "hall", "left").removal())
          .isEqualTo(Removal.REMOVED);
      assertThat(server.called()).containsExactly("ListParticipants", "RemoveParticipant");
      assertThat(server.lastBody())
          .isEqualTo(
              "{\"room\":\"hall\",\"identity\":\"ada\",\"revokeTokenTs\":%d}"
                  .formatted(clock.instant().getEpochSecond() + 1));
      assertThat(server.lastClaims()).contains("\"iss\":\"APIacme\"");
      assertThat(next.called()).containsExactly("ListParticipants");
      look();
      assertThat(Collections.frequency(server.called(), "RemoveParticipant")).isEqualTo(2);
      assertThat(revocations.seen(acme, "ada", "hall")).isEqualTo(Removal.REMOVED);

      // That it goes away holds up no look at the one that is there.
      server.on("ListParticipants", 503, AWAY);
      assertThat(revocations.revoke(acme, "bob", "hall", "left").removal())
          .isEqualTo(Removal.PENDING);
      int calls = next.called().size();
      look();
      look();
      look();
      assertThat(next.called().subList(calls, next.called().size()))
          .containsExactly("ListParticipants", "ListParticipants", "ListParticipants");

      clock.tick(overlap);
      plane.runDue(clock.instant());
      calls = server.called().size();
      look();
      assertThat(server.called()).as("the move is over").hasSize(calls);
      assertThat(next.called().size()).isPositive();
    }
  }

  @Test
  void ofSeveralServersThatAreBeingReplacedOneThatIsAwayHidesNoOther() {
    Duration overlap = Duration.ofHours(1);
    try (ScriptedServer away = new ScriptedServer();
        ScriptedServer next = new ScriptedServer()) {
      away.otherwise(503, AWAY);
      for (ScriptedServer each : List.of(away, next)) {
        try (SecretValue secret = SecretValue.of("the-next-secret".repeat(4) + each.url())) {
          livekit.connect(
              acme, LiveKitCredentials.of(each.url(), "API" + each.url(), secret), overlap);
        }
      }
      assertThat(revocations.revoke(acme, "ada", "hall", "left").removal())
          .isEqualTo(Removal.PENDING);
      look();
      look();
      assertThat(Collections.frequency(server.called(), "RemoveParticipant")).isEqualTo(3);
      List<ServerCalls> kept = livekit.calls().replaced(acme);
      assertThat(kept).hasSize(2);

      clock.tick(overlap);
      int calls = server.called().size();
      for (ServerCalls each : kept) {
        assertThatThrownBy(() -> RoomReports.rooms(each).list(acme))
            .isInstanceOf(NotFoundException.class);
      }
      assertThat(server.called()).as("the overlap has ended").hasSize(calls);
    }
  }

  @Test
  void roomsThatDoNotLiveAreNotLookedAt() {
    for (String room : List.of("attic", "cellar", "hall")) {
      revocations.revoke(acme, "ada", room, "left");
    }
    int calls = server.called().size();
    look();
    assertThat(server.called().subList(calls, server.called().size()))
        .containsExactly("ListRooms", "ListParticipants", "RemoveParticipant");
  }

  @Test
  void aRoomThatFailsKeepsTheOthersFromNothing() {
    server.on("ListRooms", 200, "{\"rooms\":[{\"name\":\"attic\"},{\"name\":\"hall\"}]}");
    for (String room : List.of("attic", "hall")) {
      revocations.revoke(acme, "ada", room, "left");
    }
    int calls = server.called().size();
    // The attic's list fails, and with it the round; the next one goes on with the hall.
    server.onCall(calls + 2, () -> server.on("ListParticipants", 500, "garbage"));
    look();
    assertThat(server.called()).hasSize(calls + 2);
    server.on("ListParticipants", 200, ADA);
    look();
    String asked = new String(server.bodies().get(calls + 3), StandardCharsets.UTF_8);
    assertThat(asked).contains("hall");
  }

  @Test
  void aListOfRoomsThatIsTooLongIsAskedForInHalves() {
    for (int i = 0; i < 40; i++) {
      revocations.revoke(acme, "ada", i == 0 ? "hall" : "room" + i, "left");
    }
    int calls = server.called().size();
    server.on("ListRooms", 200, "{\"rooms\":[{\"metadata\":\"" + "m".repeat(1 << 20) + "\"}]}");
    server.onCall(calls + 2, () -> server.on("ListRooms", 200, HALL));
    look();
    assertThat(server.called().subList(calls, server.called().size()))
        .containsExactly(
            "ListRooms", "ListRooms", "ListRooms", "ListParticipants", "RemoveParticipant");
  }

  private static String people(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{\"identity\":\"p" + i + "\"}")
        .collect(Collectors.joining(",", "{\"participants\":[", "]}"));
  }

  /** Denied while nobody is there, so that the next look finds them. */
  private List<String> denied(int count) {
    server.on("ListParticipants", 200, people(0));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(revocations.revoke(acme, "p" + i, "hall", "left").denial().id());
    }
    server.on("ListParticipants", 200, people(count));
    return ids;
  }

  /** Whom the last calls were to put out. */
  private List<String> putOut(int from) {
    return IntStream.range(from, server.called().size())
        .filter(i -> server.called().get(i).equals("RemoveParticipant"))
        .mapToObj(i -> new String(server.bodies().get(i), StandardCharsets.UTF_8))
        .map(body -> body.replaceAll(".*identity\":\"([^\"]*)\".*", "$1"))
        .toList();
  }

  @Test
  void whoCannotBePutOutKeepsNobodyElseInTheRoom() {
    denied(3);
    // Is not there: what is known of it depends on whether the room was looked at.
    Revocation absent = revocations.revoke(acme, "zoe", "hall", "left");
    int calls = server.called().size();
    server.onCall(calls + 3, () -> server.on("RemoveParticipant", 500, "{\"code\":\"internal\"}"));
    server.onCall(calls + 4, () -> server.on("RemoveParticipant", 200, "{}"));
    clock.tick(Duration.between(clock.instant(), absent.denial().until()).minusSeconds(1));
    plane.runDue(clock.instant());
    assertThat(putOut(calls)).containsExactly("p0", "p1", "p2");
    assertThat(revocations.list(acme, PageRequest.first(10)).items())
        .filteredOn(each -> each.subject().equals("zoe"))
        .singleElement()
        .satisfies(
            each ->
                assertThat(each.until())
                    .as("the room was not looked at to the end")
                    .isAfter(absent.denial().until()));
  }

  @Test
  void aServerThatPutsOutNobodyIsAskedForAFewAndThenForTheNext() {
    denied(MOST_FAILURES + 3);
    server.on("RemoveParticipant", 500, "{\"code\":\"internal\"}");
    int calls = server.called().size();
    look();
    assertThat(putOut(calls)).hasSize(MOST_FAILURES).startsWith("p0", "p1", "p10");
    int more = server.called().size();
    look();
    assertThat(putOut(more)).startsWith("p7", "p8", "p9", "p0");
  }

  /** As long as two answers are waited for. */
  @Test
  @Timeout(40)
  void aServerThatSaysNothingAboutTwoIsNotAskedForAThird() {
    denied(4);
    CountDownLatch over = new CountDownLatch(1);
    int calls = server.called().size();
    for (int silent = 2; silent <= 5; silent++) {
      server.onCall(calls + silent, () -> await(over));
    }
    List<String> asked;
    try {
      look();
      asked = putOut(calls);
      // A slow machine has no time for the second.
      assertThat(asked).isIn(List.of("p0"), List.of("p0", "p1"));
    } finally {
      over.countDown();
    }
    int more = server.called().size();
    look();
    assertThat(putOut(more))
        .as("it goes on where it ended")
        .startsWith("p" + asked.size())
        .containsExactlyInAnyOrder("p0", "p1", "p2", "p3");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aSuspendedOrganizationsPeopleArePutOutToo() {
    try (IssuedToken token = livekit.tokens().issue(acme, ParticipantToken.join("hall", "ada"))) {
      plane.organizations().suspend(OPERATOR, acme.organization());
      assertThat(revocations.revoke(acme, token.id(), "left").removal()).isEqualTo(Removal.REMOVED);
    }
    look();
    assertThat(Collections.frequency(server.called(), "RemoveParticipant")).isEqualTo(2);
    server.on("ListParticipants", 503, AWAY).on("ListRooms", 503, AWAY);
    assertThat(revocations.revoke(acme, "bob", "hall", "left").removal())
        .isEqualTo(Removal.PENDING);
    Revocation all = revocations.revokeAll(acme, "suspended");
    assertThat(all.removal()).isEqualTo(Removal.PENDING);
    revocations.lift(acme, all.denial().id());
  }

  @Test
  void afterAllAreRevokedARefreshedTokenIsRefusedAndItsBearerPutOut() {
    try (FakeLiveKitServer fake = FakeLiveKitServer.builder().clock(clock).start()) {
      livekit.connect(acme, fake.credentials());
      String old = jwt(ParticipantToken.join("hall", "ada"));
      FakeParticipant ada = fake.join(old);
      assertThat(revocations.revokeAll(acme, "keys leaked").removal()).isEqualTo(Removal.REMOVED);
      assertThat(ada.connected()).isFalse();

      clock.tick(Duration.ofSeconds(30));
      FakeParticipant back = fake.join(ada.refreshedToken());
      String refreshed = back.refreshedToken();
      for (String jwt : List.of(old, refreshed)) {
        assertThat(livekit.tokens().verify(acme, jwt))
            .isEqualTo(new TokenVerification.Refused(Set.of(Reason.REVOKED)));
      }
      FakeParticipant fresh = fake.join(jwt(ParticipantToken.join("hall", "bob")));
      look();
      assertThat(back.connected()).isFalse();
      assertThat(fresh.connected()).isTrue();
    }
  }

  @Test
  void whoIsThereLongerThanTheLedgerRemembersIsPutOutToo() {
    try (FakeLiveKitServer fake = FakeLiveKitServer.builder().clock(clock).start()) {
      livekit.connect(acme, fake.credentials());
      FakeParticipant ada = fake.join(jwt(ParticipantToken.join("hall", "ada")));
      FakeParticipant agent = fake.join(jwt(AgentToken.join("hall", "helper")));
      clock.tick(Duration.ofDays(3));
      plane.runDue(clock.instant());
      assertThat(livekit.tokens().count(acme, TokenQuery.all())).isZero();

      assertThat(revocations.revokeAll(acme, "keys leaked").removal()).isEqualTo(Removal.REMOVED);
      assertThat(ada.connected()).isFalse();
      assertThat(agent.connected()).as("no person's client").isTrue();

      clock.tick(Duration.ofSeconds(1));
      FakeParticipant back = fake.join(jwt(ParticipantToken.join("hall", "ada")));
      look();
      look();
      assertThat(back.connected()).as("has been given a newer one").isTrue();
    }
  }
}
