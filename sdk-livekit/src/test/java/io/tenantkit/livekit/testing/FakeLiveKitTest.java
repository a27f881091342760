package io.tenantkit.livekit.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.room.AgentDispatch;
import io.tenantkit.livekit.room.AgentDispatches;
import io.tenantkit.livekit.room.AgentJob;
import io.tenantkit.livekit.room.LiveKitRooms;
import io.tenantkit.livekit.room.Room;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.EgressException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The fake as a host uses it in a unit test, and what a real server cannot be made to do at will.
 */
final class FakeLiveKitTest {
  private final TickingClock clock = TickingClock.at(Instant.parse("2026-03-01T10:00:00Z"));
  private final Storage storage = Storage.inMemory();
  private final ControlPlane plane =
      ControlPlane.builder(
              storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
          .clock(clock)
          .build();
  private final SecretVault vault = SecretVault.of(plane);
  private FakeLiveKitServer server;
  private LiveKit livekit;
  private LiveKitRooms rooms;
  private AgentDispatches agents;
  private TenantContext acme;

  @BeforeEach
  void start() {
    serve(FakeLiveKitServer.builder().clock(clock));
  }

  private void serve(FakeLiveKitServer.Builder builder) {
    if (server != null) {
      server.close();
    }
    server = builder.start();
    livekit = LiveKit.builder(vault).egress(server.egress()).build();
    rooms = LiveKitRooms.of(livekit);
    agents = AgentDispatches.of(livekit);
    if (acme == null) {
      plane
          .organizations()
          .create(Operator.trusted("test", "fake"), OrganizationId.of("acme"), "Acme");
      acme = TenantContext.trusted(OrganizationId.of("acme"), "test");
    }
    livekit.connect(acme, server.credentials());
  }

  @AfterEach
  void stop() {
    server.close();
    plane.close();
    storage.close();
  }

  private FakeParticipant join(ParticipantToken request) {
    try (IssuedToken token = livekit.tokens().issue(acme, request)) {
      return server.join(token);
    }
  }

  private String agentToken() {
    try (IssuedToken token = livekit.tokens().issue(acme, AgentToken.join("any", "worker"))) {
      return token.jwt().string(SecretAccess.get());
    }
  }

  @Test
  void aRoomIsLeftForGoodOnlyAfterItsTime() {
    FakeParticipant ada =
        join(
            ParticipantToken.join("desk", "ada")
                .roomConfig(RoomConfig.builder().departureTimeout(Duration.ofSeconds(30)).build()));
    String first = rooms.get(acme, "desk").sid();
    clock.tick(Duration.ofHours(1));
    assertThat(rooms.list(acme)).as("somebody is in it").hasSize(1);
    ada.leave();
    clock.tick(Duration.ofSeconds(29));
    assertThat(rooms.list(acme)).hasSize(1);
    FakeParticipant again = join(ParticipantToken.join("desk", "ada"));
    assertThat(rooms.get(acme, "desk").sid()).isEqualTo(first);
    again.leave();
    clock.tick(Duration.ofSeconds(30));
    assertThat(rooms.list(acme)).isEmpty();
    assertThat(again.connected()).isFalse();
    assertThatThrownBy(() -> again.send("too late")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anAgentAloneDoesNotKeepARoom() {
    try (FakeWorker worker = server.registerWorker(agentToken(), "bridge")) {
      agents.create(acme, "desk", RoomAgent.named("bridge"));
      FakeJob job = worker.jobs().get(0);
      FakeParticipant agent = server.join(job.token());
      assertThat(job.ended()).isFalse();
      clock.tick(Duration.ofMinutes(5));
      assertThat(rooms.list(acme)).isEmpty();
      assertThat(agent.disconnectReason()).contains("ROOM_CLOSED");
      assertThat(job.ended()).isTrue();
    }
  }

  @Test
  void workersOfEachKindGetTheirJobs() {
    String token = agentToken();
    try (FakeWorker each =
            server.registerWorker(token, "greeter", "", FakeWorker.Serves.PARTICIPANTS);
        FakeWorker loud =
            server.registerWorker(token, "listener", "", FakeWorker.Serves.PUBLISHERS);
        FakeWorker unnamed = server.registerWorker(token, "");
        FakeWorker blue = server.registerWorker(token, "bridge", "blue", FakeWorker.Serves.ROOMS);
        FakeWorker other = server.registerWorker(token, "bridge")) {
      FakeParticipant ada = join(ParticipantToken.join("plain", "ada"));
      assertThat(unnamed.jobs()).extracting(FakeJob::room).containsExactly("plain");
      rooms.create(
          acme,
          "staffed",
          RoomConfig.withAgents(
              RoomAgent.named("greeter"),
              RoomAgent.named("listener"),
              RoomAgent.named("bridge").deployment("blue")));
      FakeParticipant bob = join(ParticipantToken.join("staffed", "bob"));
      assertThat(loud.jobs()).isEmpty();
      bob.publish("voice", TrackSource.MICROPHONE);
      bob.publish("face", TrackSource.CAMERA);

      assertThat(unnamed.jobs()).as("agents were named").hasSize(1);
      assertThat(each.jobs()).hasSize(1);
      assertThat(each.jobs().get(0).participant()).contains("bob");
      assertThat(loud.jobs()).as("once for each participant").hasSize(1);
      assertThat(blue.jobs()).hasSize(1);
      assertThat(other.jobs()).as("another deployment").isEmpty();
      assertThat(agents.list(acme, "staffed"))
          .flatExtracting(AgentDispatch::jobs)
          .extracting(AgentJob::id)
          .containsExactlyInAnyOrder(
              each.jobs().get(0).id(), loud.jobs().get(0).id(), blue.jobs().get(0).id());
      agents.create(acme, "plain", RoomAgent.named("greeter"));
      assertThat(each.jobs()).as("those who are there already").hasSize(2);
      assertThat(ada.connected()).isTrue();
    }
    agents.create(acme, "plain", RoomAgent.named("bridge"));
    assertThat(agents.list(acme, "plain"))
        .filteredOn(dispatch -> dispatch.agentName().equals("bridge"))
        .as("all workers are gone")
        .flatExtracting(AgentDispatch::jobs)
        .isEmpty();
  }

  @Test
  void jobsGoToTheWorkerWithTheFewest() {
    String token = agentToken();
    try (FakeWorker one = server.registerWorker(token, "bridge");
        FakeWorker two = server.registerWorker(token, "bridge")) {
      for (String room : List.of("a", "b", "c", "d")) {
        agents.create(acme, room, RoomAgent.named("bridge"));
      }
      assertThat(one.jobs()).extracting(FakeJob::room).containsExactly("a", "c");
      assertThat(two.jobs()).extracting(FakeJob::room).containsExactly("b", "d");
    }
  }

  @Test
  void aServerOfNoAutoCreateNeedsTheRoomFirst() {
    serve(FakeLiveKitServer.builder().clock(clock).noAutoCreate());

    assertThatThrownBy(() -> join(ParticipantToken.join("desk", "ada")))
        .isInstanceOfSatisfying(
            FakeRefusedException.class, error -> assertThat(error.status()).isEqualTo(404))
        .hasMessage("requested room does not exist");
    rooms.create(acme, "desk", RoomConfig.builder().build());
    assertThat(join(ParticipantToken.join("desk", "ada")).connected()).isTrue();
  }

  @Test
  void aServerOfRemoteUnmuteUnmutes() {
    serve(FakeLiveKitServer.builder().clock(clock).remoteUnmute());
    FakeParticipant ada = join(ParticipantToken.join("desk", "ada"));
    String sid = ada.publish("voice", TrackSource.MICROPHONE).sid();

    ada.mute(sid, true);
    assertThat(rooms.participant(acme, "desk", "ada").tracks().get(0).muted()).isTrue();
    assertThat(rooms.mute(acme, "desk", "ada", sid, false).muted()).isFalse();
    ada.unpublish(sid);
    assertThat(rooms.participant(acme, "desk", "ada").tracks()).isEmpty();
  }

  @Test
  void failuresCanBeAskedFor() {
    server.answerNext(500, "{\"code\":\"internal\",\"msg\":\"x\"}");
    server.answerNext(200, "garbage");
    server.answerNext(429, "{\"code\":\"resource_exhausted\"}");

    for (ServerFailure failure :
        List.of(ServerFailure.FAILED, ServerFailure.NO_LIVEKIT, ServerFailure.EXHAUSTED)) {
      assertThatThrownBy(() -> rooms.create(acme, "desk", RoomConfig.builder().build()))
          .isInstanceOfSatisfying(
              LiveKitException.class, error -> assertThat(error.failure()).isEqualTo(failure));
    }
    assertThat(rooms.list(acme)).as("they did nothing").isEmpty();
    server.close();
    try (FakeLiveKitServer another = FakeLiveKitServer.start()) {
      LiveKit unreached = LiveKit.builder(vault).egress(another.egress()).build();
      assertThatThrownBy(() -> LiveKitRooms.of(unreached).list(acme))
          .isInstanceOf(EgressException.class);
    }
  }

  @Test
  void webhooksAreTakenOnceOrDeliveredWithFewAttempts() {
    try (HookCatcher catcher = new HookCatcher()) {
      serve(FakeLiveKitServer.builder().clock(clock).webhook(catcher.url()));
      rooms.create(acme, "one", RoomConfig.builder().build());
      List<FakeWebhook> taken = server.takeWebhooks();
      assertThat(taken).extracting(FakeWebhook::event).containsExactly("room_started");
      assertThat(taken.get(0).text()).contains("\"name\":\"one\"");
      assertThat(server.takeWebhooks()).isEmpty();
      assertThat(server.deliverWebhooks()).isEmpty();

      rooms.create(acme, "two", RoomConfig.builder().build());
      rooms.delete(acme, "two");
      catcher.answer(500, 503, 200, 403);
      List<WebhookDelivery> deliveries = server.deliverWebhooks();
      assertThat(deliveries).extracting(WebhookDelivery::attempts).containsExactly(3, 1);
      assertThat(deliveries).extracting(WebhookDelivery::status).containsExactly(200, 403);
      assertThat(deliveries).extracting(WebhookDelivery::isDelivered).containsExactly(true, false);
      assertThat(catcher.caught()).hasSize(4);
      assertThat(catcher.caught().get(0).body()).isEqualTo(catcher.caught().get(2).body());
      catcher.answer(500, 500, 500);
      rooms.create(acme, "three", RoomConfig.builder().build());
      assertThat(server.deliverWebhooks()).extracting(WebhookDelivery::attempts).containsExactly(3);
      assertThat(server.deliverWebhooks()).as("given up").isEmpty();
    }
    URI closed = URI.create("http://127.0.0.1:1/hooks");
    serve(FakeLiveKitServer.builder().clock(clock).webhook(closed));
    rooms.create(acme, "four", RoomConfig.builder().build());
    assertThat(server.deliverWebhooks()).extracting(WebhookDelivery::status).containsExactly(0);
  }

  @Test
  void eachKeyPairOfAServerOpensIt() {
    serve(
        FakeLiveKitServer.builder()
            .clock(clock)
            .key("APIone", "the-first-secret-of-32-characters!")
            .key("APItwo", "the-second-secret-of-32-characters")
            .webhookKey("APItwo"));
    Room made = rooms.create(acme, "desk", RoomConfig.builder().build());
    livekit.connect(acme, server.credentials("APItwo"));

    assertThat(rooms.list(acme)).extracting(Room::sid).containsExactly(made.sid());
    String claims = server.takeWebhooks().get(0).authorization().split("\\.", -1)[1];
    assertThat(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8))
        .startsWith("{\"iss\":\"APItwo\"");
    assertThatThrownBy(() -> server.credentials("APInone"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FakeLiveKitServer.builder().webhookKey("APInone").start())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aServerAsItComesHasAKeyPairOfItsOwn() {
    try (FakeLiveKitServer one = FakeLiveKitServer.start();
        FakeLiveKitServer two = FakeLiveKitServer.start();
        FakeLiveKitServer seeded =
            FakeLiveKitServer.builder().random(new InsecureFixedRandom(7)).start();
        FakeLiveKitServer again =
            FakeLiveKitServer.builder().random(new InsecureFixedRandom(7)).start()) {
      LiveKitCredentials first = one.credentials();
      assertThat(first.apiKey()).startsWith("API");
      assertThat(first.apiSecret().length()).isEqualTo(36);
      assertThat(Set.of(first.apiKey(), two.credentials().apiKey(), seeded.credentials().apiKey()))
          .hasSize(3);
      assertThat(first.serverUrl().value()).isEqualTo(one.url()).startsWith("ws://127.0.0.1:");
      assertThat(again.credentials().apiKey()).isEqualTo(seeded.credentials().apiKey());
    }
  }

  @Test
  void aBuilderStartsMoreThanOneServer() {
    FakeLiveKitServer.Builder builder =
        FakeLiveKitServer.builder()
            .clock(clock)
            .key("APIone", "the-only-secret-of-32-characters!!");
    builder.start().close();
    serve(builder);

    assertThat(rooms.list(acme)).isEmpty();
  }

  @Test
  void aTokenOfOneServerIsRefusedByAnother() {
    try (FakeLiveKitServer other = FakeLiveKitServer.builder().clock(clock).start();
        IssuedToken token = livekit.tokens().issue(acme, ParticipantToken.join("desk", "ada"))) {
      assertThatThrownBy(() -> other.join(token))
          .isInstanceOfSatisfying(
              FakeRefusedException.class, error -> assertThat(error.status()).isEqualTo(401))
          .hasMessage("invalid API key: " + server.credentials().apiKey());
      String jwt = token.jwt().string(SecretAccess.get());
      assertThat(server.validate(jwt)).isEqualTo(new ServerAnswer(200, "success"));
      assertThat(server.validate("").isSuccess()).isFalse();
      clock.tick(Duration.ofHours(2));
      assertThat(server.validate(jwt).body()).endsWith("token is expired");
    }
  }
}
