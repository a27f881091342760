package io.tenantkit.livekit.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.livekit.server.WebhookReceiver;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.TrackSource;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.room.AgentDispatch;
import io.tenantkit.livekit.room.AgentJob;
import io.tenantkit.livekit.room.DataMessage;
import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.ParticipantChange;
import io.tenantkit.livekit.room.Room;
import io.tenantkit.livekit.room.Track;
import io.tenantkit.livekit.testing.ServerUnderTest.Hook;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import livekit.LivekitWebhook.WebhookEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What participants and workers see of a server, and what a host sees of them. */
abstract class GuestContract {
  private Plane plane;
  private TenantContext acme;

  abstract ServerUnderTest server();

  @BeforeEach
  void connect() {
    plane = new Plane(server().clock());
    acme = plane.tenant("acme", server().url(), server().apiKey(), server().apiSecret());
  }

  @AfterEach
  void close() {
    plane.close();
  }

  private Guest join(TokenRequest<?> request) {
    return server().guest(plane.token(acme, request));
  }

  private Participant there(String room, String identity) {
    server()
        .await(
            identity + " is there",
            () ->
                plane.rooms.participants(acme, room).stream()
                    .anyMatch(
                        who ->
                            who.identity().equals(identity)
                                && who.state() == Participant.State.ACTIVE));
    return plane.rooms.participant(acme, room, identity);
  }

  private boolean gone(String room, String identity) {
    return plane.rooms.participants(acme, room).stream()
        .noneMatch(who -> who.identity().equals(identity));
  }

  @Test
  void whoJoinsIsSeenAsTheTokenSays() {
    ParticipantToken token =
        ParticipantToken.join("hall", "ada")
            .name("Ada")
            .metadata("m")
            .attributes(Map.of("a", "1"))
            .kind(ParticipantKind.CONNECTOR)
            .canPublish(false);
    try (Guest ada = join(token)) {
      Participant seen = there("hall", "ada");

      assertThat(seen.sid()).startsWith("PA_");
      assertThat(seen.name()).isEqualTo("Ada");
      assertThat(seen.metadata()).isEqualTo("m");
      assertThat(seen.attributes()).isEqualTo(Map.of("a", "1"));
      assertThat(seen.kind()).isEqualTo(ParticipantKind.CONNECTOR);
      assertThat(seen.publishing()).isFalse();
      assertThat(seen.tracks()).isEmpty();
      assertThat(seen.permissions())
          .as("no data either, unless it is said")
          .containsExactly(VideoPermission.CAN_SUBSCRIBE);
      assertThat(ada.others()).isEmpty();
      try (Guest grace = join(ParticipantToken.join("hall", "grace"))) {
        server().await("they meet", () -> ada.others().equals(List.of("grace")));
        server().await("they meet", () -> grace.others().equals(List.of("ada")));
        server().await("counted", () -> plane.rooms.get(acme, "hall").participants() == 2);
        grace.leave();
        assertThat(grace.out()).contains("CLIENT_INITIATED");
      }
      server().await("grace is gone", () -> ada.others().isEmpty() && gone("hall", "grace"));
    }
  }

  @Test
  void dataReachesThoseItIsFor() {
    try (Guest ada = join(ParticipantToken.join("data", "ada"));
        Guest bob = join(ParticipantToken.join("data", "bob"));
        Guest mute = join(ParticipantToken.join("data", "mute").canPublishData(false))) {
      for (String who : List.of("ada", "bob", "mute")) {
        there("data", who);
      }
      server().await("they meet", () -> ada.others().size() == 2 && mute.others().size() == 2);

      plane.rooms.send(acme, "data", DataMessage.of("to all").topic("greeting"));
      plane.rooms.send(acme, "data", DataMessage.of("to bob").to("bob", "nobody"));
      server().await("heard", () -> bob.heard().size() == 2 && mute.heard().size() == 1);
      assertThat(bob.heard()).containsExactlyInAnyOrder("|greeting|to all", "||to bob");

      mute.send("unheard", Optional.empty());
      ada.send("from ada", Optional.of("t"));
      ada.send("to mute", Optional.empty(), "mute");
      server().await("heard", () -> bob.heard().size() == 3 && mute.heard().size() == 3);
      assertThat(bob.heard()).contains("ada|t|from ada");
      assertThat(mute.heard())
          .containsExactlyInAnyOrder("|greeting|to all", "ada|t|from ada", "ada||to mute");
      bob.send("last", Optional.empty());
      server().await("heard", () -> ada.heard().contains("bob||last"));
      assertThat(ada.heard())
          .as("nothing of its own, and nothing of who may not send")
          .containsExactly("|greeting|to all", "bob||last");
    }
  }

  @Test
  void tracksArePublishedMutedAndTakenAway() {
    try (Guest ada = join(ParticipantToken.join("tracks", "ada"))) {
      there("tracks", "ada");
      String sid = ada.publish("voice").orElseThrow();
      server()
          .await(
              "published",
              () -> !plane.rooms.participant(acme, "tracks", "ada").tracks().isEmpty());

      Participant publishing = plane.rooms.participant(acme, "tracks", "ada");
      assertThat(sid).startsWith("TR_");
      assertThat(publishing.publishing()).isTrue();
      assertThat(publishing.tracks())
          .containsExactly(new Track(sid, "voice", Track.Type.AUDIO, "MICROPHONE", false));
      assertThat(plane.rooms.mute(acme, "tracks", "ada", sid, true).muted()).isTrue();
      server().await("told", () -> ada.isMuted(sid));
      assertThatThrownBy(() -> plane.rooms.mute(acme, "tracks", "ada", sid, false))
          .as("not unless the server is set so")
          .isInstanceOfSatisfying(
              LiveKitException.class,
              error -> assertThat(error.failure()).isEqualTo(ServerFailure.CONFLICT));
      assertThatThrownBy(() -> plane.rooms.mute(acme, "tracks", "ada", "TR_none", true))
          .isInstanceOf(NotFoundException.class);
      plane.rooms.subscribe(acme, "tracks", "ada", List.of("TR_none"), false);

      Participant muzzled =
          plane.rooms.update(
              acme,
              "tracks",
              "ada",
              ParticipantChange.none().permissions(List.of(VideoPermission.CAN_SUBSCRIBE)));
      assertThat(muzzled.permissions()).containsExactly(VideoPermission.CAN_SUBSCRIBE);
      assertThat(muzzled.publishing()).isFalse();
      server()
          .await(
              "taken away",
              () -> plane.rooms.participant(acme, "tracks", "ada").tracks().isEmpty());
      assertThat(ada.publish("again")).isEmpty();
    }
    try (Guest camera =
        join(ParticipantToken.join("tracks", "camera").canPublishSources(TrackSource.CAMERA))) {
      there("tracks", "camera");
      assertThat(camera.publish("voice")).as("another source").isEmpty();
    }
  }

  @Test
  void whatIsKnownOfSomebodyIsChanged() {
    try (Guest ada =
            join(ParticipantToken.join("changes", "ada").attributes(Map.of("a", "1", "b", "2")));
        Guest free = join(ParticipantToken.join("changes", "free").canUpdateOwnMetadata(true))) {
      there("changes", "ada");
      there("changes", "free");

      Participant changed =
          plane.rooms.update(
              acme,
              "changes",
              "ada",
              ParticipantChange.none()
                  .name("Ada")
                  .metadata("by the host")
                  .attributes(Map.of("a", "", "c", "3")));
      plane.rooms.updateMetadata(acme, "changes", "of the room");

      assertThat(changed.name()).isEqualTo("Ada");
      assertThat(changed.metadata()).isEqualTo("by the host");
      assertThat(changed.attributes()).isEqualTo(Map.of("b", "2", "c", "3"));
      server().await("told", () -> ada.metadata().equals("by the host"));
      server()
          .await(
              "told",
              () ->
                  ada.roomMetadata().equals("of the room")
                      && free.roomMetadata().equals("of the room"));
      ada.update("by herself");
      free.update("by herself");
      server()
          .await(
              "changed",
              () ->
                  plane.rooms.participant(acme, "changes", "free").metadata().equals("by herself"));
      assertThat(plane.rooms.participant(acme, "changes", "ada").metadata())
          .isEqualTo("by the host");
    }
  }

  @Test
  void whoIsRemovedIsOutAndComesBackWithEitherToken() throws IOException {
    String token = plane.token(acme, ParticipantToken.join("exit", "ada").name("Ada"));
    String refreshed;
    try (Guest ada = server().guest(token)) {
      there("exit", "ada");
      refreshed = ada.refreshedToken();
      requireRefreshed(refreshed);
      plane.rooms.remove(acme, "exit", "ada");
      server().await("out", () -> ada.out().isPresent());
      assertThat(ada.out()).contains("PARTICIPANT_REMOVED");
      server().await("gone", () -> gone("exit", "ada"));
    }
    for (String either : List.of(token, refreshed)) {
      try (Guest back = server().guest(either)) {
        assertThat(there("exit", "ada").name())
            .as("an open server does not revoke")
            .isEqualTo("Ada");
        plane.rooms.delete(acme, "exit");
        server().await("out", () -> back.out().isPresent());
        assertThat(back.out()).contains("ROOM_DELETED");
      }
    }
  }

  /** What a server pushes: the same participant, for ten minutes at least. */
  private void requireRefreshed(String token) throws IOException {
    JsonNode claims = claims(token);
    assertThat(claims.get("iss").asText()).isEqualTo(server().apiKey());
    assertThat(claims.get("sub").asText()).isEqualTo("ada");
    assertThat(claims.get("name").asText()).isEqualTo("Ada");
    assertThat(claims.get("nbf").longValue()).isPositive();
    assertThat(claims.get("exp").longValue() - claims.get("nbf").longValue())
        .as("what is left of its hour")
        .isBetween(3_000L, 3_600L);
    assertThat(claims.at("/video/roomJoin").booleanValue()).isTrue();
    assertThat(claims.at("/video/room").asText()).isEqualTo("exit");
    assertThat(claims.has("sip")).as("what is outside of video is lost").isFalse();
  }

  private static JsonNode claims(String token) throws IOException {
    return Wire.JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
  }

  @Test
  void theSecondOfOneIdentityPutsTheFirstOut() {
    try (Guest first = join(ParticipantToken.join("twins", "ada"))) {
      String before = there("twins", "ada").sid();
      try (Guest second = join(ParticipantToken.join("twins", "ada"))) {
        server().await("out", () -> first.out().isPresent());
        assertThat(first.out()).contains("DUPLICATE_IDENTITY");
        server()
            .await(
                "another stay",
                () ->
                    plane.rooms.participants(acme, "twins").stream()
                        .anyMatch(
                            who ->
                                !who.sid().equals(before)
                                    && who.state() == Participant.State.ACTIVE));
        assertThat(plane.rooms.participants(acme, "twins")).hasSize(1);
        assertThat(second.out()).isEmpty();
      }
    }
  }

  @Test
  void aFullRoomTakesAgentsOnly() {
    plane.rooms.create(acme, "small", RoomConfig.builder().maxParticipants(1).build());
    try (Guest ada = join(ParticipantToken.join("small", "ada"))) {
      there("small", "ada");
      assertThatThrownBy(() -> join(ParticipantToken.join("small", "bob")))
          .isInstanceOf(RefusedException.class);
      try (Guest agent = join(AgentToken.join("small", "bridge-001").agentName("bridge"))) {
        assertThat(there("small", "bridge-001").kind()).isEqualTo(ParticipantKind.AGENT);
        server()
            .await("agents do not count", () -> plane.rooms.get(acme, "small").participants() == 1);
        assertThat(agent.out()).isEmpty();
      }
      assertThat(ada.out()).isEmpty();
    }
  }

  @Test
  void whoIsHiddenIsSeenByTheHostAlone() {
    try (Guest ada = join(ParticipantToken.join("veil", "ada"));
        Guest ghost = join(ParticipantToken.join("veil", "ghost").hidden())) {
      there("veil", "ada");
      assertThat(there("veil", "ghost").permissions()).contains(VideoPermission.HIDDEN);
      server().await("it sees", () -> ghost.others().equals(List.of("ada")));
      ghost.send("boo", Optional.empty());
      server().await("heard", () -> !ada.heard().isEmpty());
      assertThat(ada.heard()).containsExactly("||boo");
      assertThat(ada.others()).isEmpty();
    }
  }

  @Test
  void theFirstJoinMakesTheRoomAsItsTokenSaysAndNoLaterOne() {
    RoomConfig config =
        RoomConfig.builder()
            .emptyTimeout(Duration.ofSeconds(77))
            .departureTimeout(Duration.ofSeconds(33))
            .maxParticipants(3)
            .metadata("as told")
            .agents(List.of(RoomAgent.named("bridge").metadata("m")))
            .build();
    RoomConfig later =
        RoomConfig.builder().metadata("later").agents(List.of(RoomAgent.named("late"))).build();
    try (Guest ada = join(ParticipantToken.join("told", "ada").roomConfig(config));
        Guest bob = join(ParticipantToken.join("told", "bob").roomConfig(later))) {
      there("told", "ada");
      there("told", "bob");
      Room room = plane.rooms.get(acme, "told");
      assertThat(room.emptyTimeout()).isEqualTo(Duration.ofSeconds(77));
      assertThat(room.departureTimeout()).isEqualTo(Duration.ofSeconds(33));
      assertThat(room.maxParticipants()).isEqualTo(3);
      assertThat(room.metadata()).isEqualTo("as told");
      assertThat(plane.agents.list(acme, "told"))
          .extracting(AgentDispatch::agentName)
          .containsExactly("bridge");
      assertThat(ada.out()).isEmpty();
      assertThat(bob.out()).isEmpty();
    }
  }

  @Test
  void tooMuchOfATokenIsRefusedAtTheDoor() {
    Wire wire = new Wire(server());
    String token =
        wire.token(
            "{\"sub\":\"a\",\"attributes\":{\"a\":\""
                + "v".repeat(70_000)
                + "\"},\"video\":{\"roomJoin\":true,\"room\":\"much\"}}");
    assertThat(wire.get("/rtc/validate?access_token=" + token, Map.of())).isEqualTo("200 success");
    assertThatThrownBy(() -> server().guest(token)).isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> server().guest("garbage")).isInstanceOf(RefusedException.class);
  }

  @Test
  void aWorkerGetsTheJobsOfItsAgentFromThenOn() {
    String token = new Wire(server()).token("{\"video\":{\"agent\":true}}");
    plane.agents.create(acme, "work", RoomAgent.named("bridge").metadata("too early"));
    try (Seat worker = server().worker(token, "bridge")) {
      AgentDispatch other = plane.agents.create(acme, "work", RoomAgent.named("scribe"));
      plane.agents.create(acme, "work", RoomAgent.named("bridge").deployment("blue"));
      AgentDispatch sent =
          plane.agents.create(acme, "work", RoomAgent.named("bridge").metadata("job 1"));
      server().await("given", () -> !worker.jobs().isEmpty());

      Seat.Given job = worker.jobs().get(0);
      assertThat(worker.jobs()).hasSize(1);
      assertThat(job.id()).startsWith("AJ_");
      assertThat(job.dispatchId()).isEqualTo(sent.id()).isNotEqualTo(other.id());
      assertThat(job.agentName()).isEqualTo("bridge");
      assertThat(job.room()).isEqualTo("work");
      assertThat(job.metadata()).isEqualTo("job 1");
      server().await("known", () -> jobs("work", sent.id()).equals(List.of(job.id())));

      try (Guest agent = server().guest(job.token())) {
        Participant seen = there("work", "agent-" + job.id());
        assertThat(seen.kind()).isEqualTo(ParticipantKind.AGENT);
        assertThat(seen.permissions())
            .contains(
                VideoPermission.AGENT,
                VideoPermission.CAN_PUBLISH,
                VideoPermission.CAN_SUBSCRIBE,
                VideoPermission.CAN_PUBLISH_DATA,
                VideoPermission.CAN_UPDATE_OWN_METADATA);
        assertThat(seen.attributes()).containsEntry("lk.agent_name", "bridge");
        plane.agents.delete(acme, "work", sent.id());
        server().await("ended", () -> worker.isEnded(job.id()));
        server().await("out", () -> agent.out().isPresent());
      }
    }
  }

  private List<String> jobs(String room, String dispatch) {
    return plane.agents.list(acme, room).stream()
        .filter(each -> each.id().equals(dispatch))
        .flatMap(each -> each.jobs().stream().map(AgentJob::id))
        .toList();
  }

  @Test
  void workersNeedTheAgentGrant() {
    Wire wire = new Wire(server());
    for (String claims :
        List.of(
            "{}",
            "{\"video\":{\"roomJoin\":true,\"room\":\"x\"},\"sub\":\"a\",\"kind\":\"agent\"}",
            "{\"video\":{\"agent\":true},\"iss\":\"APInobody\"}",
            "{\"video\":{\"agent\":true},\"exp\":1}")) {
      assertThatThrownBy(() -> server().worker(wire.token(claims), "x"))
          .isInstanceOf(RefusedException.class)
          .hasMessage("401");
    }
  }

  @Test
  void webhooksTellWhatHappensInOrder() throws IOException {
    String sid;
    String track;
    Room room;
    RoomConfig config =
        RoomConfig.builder().departureTimeout(Duration.ofSeconds(1)).metadata("rm").build();
    try (Guest ada = join(ParticipantToken.join("told-of", "ada").name("Ada").roomConfig(config))) {
      sid = there("told-of", "ada").sid();
      room = plane.rooms.get(acme, "told-of");
      track = ada.publish("voice").orElseThrow();
      server().await("told of the track", () -> events("told-of").contains("track_published"));
      ada.leave();
    }
    server().await("told of the end", () -> events("told-of").contains("room_finished"));

    assertThat(events("told-of"))
        .containsExactly(
            "room_started",
            "participant_joined",
            "track_published",
            "track_unpublished",
            "participant_left",
            "room_finished");
    List<Hook> hooks = hooks("told-of");
    WebhookReceiver receiver = new WebhookReceiver(server().apiKey(), server().apiSecret());
    for (Hook hook : hooks) {
      String body = new String(hook.body(), StandardCharsets.UTF_8);
      WebhookEvent event = receiver.receive(body, hook.authorization());
      assertThat(hook.contentType()).isEqualTo("application/webhook+json");
      assertThat(event.getId()).matches("EV_[0-9A-Za-z]{12}");
      assertThat(event.getCreatedAt()).isPositive();
      assertThat(event.getRoom().getSid()).isEqualTo(room.sid());
      JsonNode claims = claims(hook.authorization());
      assertThat(claims.properties())
          .extracting(Map.Entry::getKey)
          .containsExactlyInAnyOrder("iss", "exp", "nbf", "iat", "sha256");
      assertThat(claims.get("exp").longValue() - claims.get("nbf").longValue()).isEqualTo(300);
    }
    assertThat(hooks).extracting(hook -> json(hook).get("id").asText()).doesNotHaveDuplicates();
    assertThat(json(hooks.get(0)).at("/room/metadata").asText()).isEqualTo("rm");
    assertThat(json(hooks.get(1)).at("/participant/name").asText()).isEqualTo("Ada");
    for (Hook hook : hooks.subList(1, 5)) {
      assertThat(json(hook).at("/participant/sid").asText()).isEqualTo(sid);
      assertThat(json(hook).at("/participant/identity").asText()).isEqualTo("ada");
    }
    for (Hook hook : hooks.subList(2, 4)) {
      assertThat(json(hook).at("/track/sid").asText()).isEqualTo(track);
      assertThat(json(hook).at("/track/source").asText()).isEqualTo("MICROPHONE");
    }
    assertThat(json(hooks.get(4)).at("/participant/disconnectReason").asText())
        .isEqualTo("CLIENT_INITIATED");
  }

  private List<Hook> hooks(String room) {
    return server().hooks().stream()
        .filter(hook -> json(hook).at("/room/name").asText().equals(room))
        .toList();
  }

  private List<String> events(String room) {
    return hooks(room).stream().map(hook -> json(hook).get("event").asText()).toList();
  }

  private static JsonNode json(Hook hook) {
    try {
      return Wire.JSON.readTree(hook.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
