package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.harness.NodeSession;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressException;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rooms and agents of two tenants, each on a real server of its own. */
class RealRoomsTest {
  private static final Operator OPERATOR = Operator.trusted("test", "rooms");
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static RealLiveKitServer acmeServer;
  private static RealLiveKitServer globexServer;
  private static Storage storage;
  private static Egress egress;
  private static ControlPlane plane;
  private static SecretVault vault;
  private static LiveKit livekit;
  private static LiveKitRooms rooms;
  private static AgentDispatches agents;
  private static TenantContext acme;
  private static TenantContext globex;

  @BeforeAll
  static void start() {
    acmeServer = RealLiveKitServer.start();
    globexServer = RealLiveKitServer.start();
    storage = Storage.inMemory();
    // A server takes nine seconds and more to say that something is not there.
    egress =
        Egress.builder().unsafeAllowLoopback().readTimeout(DEADLINE).callTimeout(DEADLINE).build();
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    plane = ControlPlane.builder(storage, keys).build();
    vault = SecretVault.of(plane);
    livekit = LiveKit.builder(vault).egress(egress).build();
    rooms = LiveKitRooms.of(livekit);
    agents = AgentDispatches.of(livekit);
    acme = connected("acme", acmeServer);
    globex = connected("globex", globexServer);
  }

  private static TenantContext connected(String name, RealLiveKitServer server) {
    return connected(name, server.url(), server.apiKey(), server.apiSecret());
  }

  private static TenantContext connected(String name, String url, String key, String secret) {
    plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue value = SecretValue.of(secret)) {
      livekit.connect(context, LiveKitCredentials.of(url, key, value));
    }
    return context;
  }

  @AfterAll
  static void stop() {
    if (plane != null) {
      plane.close();
      storage.close();
      egress.close();
    }
    for (RealLiveKitServer server : new RealLiveKitServer[] {globexServer, acmeServer}) {
      if (server != null) {
        server.close();
      }
    }
  }

  private static String jwt(TenantContext context, ParticipantToken request) {
    try (var token = livekit.tokens().issue(context, request)) {
      return token.jwt().string(SecretAccess.get());
    }
  }

  /** What a server does is seen a moment later. */
  private static void await(String what, BooleanSupplier seen) throws InterruptedException {
    Instant end = Instant.now().plus(DEADLINE);
    while (!seen.getAsBoolean()) {
      assertThat(Instant.now()).as(what).isBefore(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void aRoomIsMadeSeenChangedAndDeleted() {
    RoomConfig config =
        RoomConfig.builder()
            .emptyTimeout(Duration.ofSeconds(99))
            .departureTimeout(Duration.ofSeconds(44))
            .maxParticipants(7)
            .metadata("first")
            // A server shows them nowhere; RoomMessagesTest sees them sent.
            .tags(Map.of("tier", "gold"))
            .build();
    Room made = rooms.create(acme, "life", config);

    assertThat(made.sid()).startsWith("RM_");
    assertThat(made.emptyTimeout()).isEqualTo(Duration.ofSeconds(99));
    assertThat(made.departureTimeout()).isEqualTo(Duration.ofSeconds(44));
    assertThat(made.maxParticipants()).isEqualTo(7);
    assertThat(made.createdAt()).isAfter(Instant.now().minus(DEADLINE));
    assertThat(rooms.create(acme, "life", RoomConfig.builder().build()).sid())
        .as("again, it is the same")
        .isEqualTo(made.sid());
    assertThat(rooms.get(acme, "life").metadata()).isEqualTo("first");
    assertThat(rooms.updateMetadata(acme, "life", "second").metadata()).isEqualTo("second");
    assertThat(rooms.list(acme)).extracting(Room::name).contains("life");
    assertThat(rooms.list(acme, List.of("life", "nowhere")))
        .extracting(Room::name)
        .containsExactly("life");
    assertThat(rooms.participants(acme, "life")).isEmpty();

    rooms.delete(acme, "life");
    assertThatThrownBy(() -> rooms.get(acme, "life"))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("room not found");
    assertThatThrownBy(() -> rooms.delete(acme, "life"))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("room not found");
    assertThat(plane.audit().list(acme, PageRequest.first(1_000)).items())
        .extracting(AuditEvent::action)
        .contains("livekit.room.created", "livekit.room.updated", "livekit.room.deleted");
  }

  /** A call by another tenant, of a room by its name and of who is in it. */
  private interface Foreign {
    Object by(TenantContext context, String room);
  }

  private static final Map<String, Foreign> CALLS = new LinkedHashMap<>();

  static {
    RoomConfig bare = RoomConfig.builder().build();
    CALLS.put("get", (c, room) -> rooms.get(c, room));
    CALLS.put("updateMetadata", (c, room) -> rooms.updateMetadata(c, room, "x"));
    CALLS.put("participants", (c, room) -> rooms.participants(c, room));
    CALLS.put("participant", (c, room) -> rooms.participant(c, room, "ada"));
    CALLS.put("remove", done((c, room) -> rooms.remove(c, room, "ada")));
    CALLS.put("mute", (c, room) -> rooms.mute(c, room, "ada", "TR_x", true));
    CALLS.put("update", (c, room) -> rooms.update(c, room, "ada", ParticipantChange.none()));
    CALLS.put(
        "subscribe", done((c, room) -> rooms.subscribe(c, room, "ada", List.of("TR_x"), true)));
    CALLS.put("send", done((c, room) -> rooms.send(c, room, DataMessage.of("x"))));
    CALLS.put("forward", done((c, room) -> rooms.forward(c, room, "ada", "y")));
    CALLS.put("move", done((c, room) -> rooms.move(c, room, "ada", "y")));
    CALLS.put("list", (c, room) -> "" + rooms.list(c, List.of(room)) + names(rooms.list(c)));
    CALLS.put("AgentDispatches.list", (c, room) -> agents.list(c, room));
    CALLS.put("AgentDispatches.delete", done((c, room) -> agents.delete(c, room, "AD_x")));
    CALLS.put("delete", done((c, room) -> rooms.delete(c, room)));
    // What makes something makes it on the caller's own server.
    CALLS.put("create", (c, room) -> rooms.create(c, room, bare).participants());
    CALLS.put(
        "AgentDispatches.create",
        (c, room) -> agents.create(c, room, RoomAgent.named("bridge")).agentName());
    CALLS.put(
        "LiveKitSessions.start",
        (c, room) -> {
          NewSession wanted = NewSession.of(ParticipantToken.join(room, "eve"));
          try (StartedSession started = LiveKitSessions.of(livekit).start(c, wanted)) {
            return started.room().participants();
          }
        });
  }

  private static Foreign done(BiConsumer<TenantContext, String> call) {
    return (context, room) -> {
      call.accept(context, room);
      return "done";
    };
  }

  private static boolean names(List<Room> found) {
    return found.stream().anyMatch(room -> room.name().startsWith("of-acme"));
  }

  @Test
  void noMethodIsForgotten() {
    assertThat(
            Stream.of(LiveKitRooms.class, AgentDispatches.class, LiveKitSessions.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> List.of(method.getParameterTypes()).contains(TenantContext.class))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(
                    method ->
                        method.getDeclaringClass() == LiveKitRooms.class
                            ? method.getName()
                            : method.getDeclaringClass().getSimpleName() + "." + method.getName())
                .distinct())
        .containsExactlyInAnyOrderElementsOf(CALLS.keySet());
  }

  @Test
  void anotherTenantsRoomIsAsOneThatIsNotThere() {
    rooms.create(acme, "of-acme", RoomConfig.builder().metadata("CANARY").build());
    AgentDispatch sent = agents.create(acme, "of-acme", RoomAgent.named("bridge"));

    // Side by side, since a server takes seconds to say that somebody is not there.
    CompletableFuture<List<String>> known = CompletableFuture.supplyAsync(() -> all("of-acme"));
    List<String> unknown = all("of-nobody");
    assertThat(known.join()).isEqualTo(unknown);
    assertThat(unknown.toString()).doesNotContain("CANARY");

    assertThat(rooms.get(acme, "of-acme").metadata()).isEqualTo("CANARY");
    assertThat(agents.list(acme, "of-acme")).extracting(AgentDispatch::id).contains(sent.id());
  }

  /** To a server that says yes to all: each call comes with a token for itself alone. */
  @Test
  void eachCallIsGrantedWhatItNeedsAndNoMore() {
    String list = "{\"video\":{\"roomList\":true}}";
    String make = "{\"video\":{\"roomCreate\":true}}";
    String moderate = "{\"video\":{\"room\":\"hall\",\"roomAdmin\":true}}";
    String elsewhere =
        "{\"video\":{\"room\":\"hall\",\"destinationRoom\":\"y\",\"roomAdmin\":true}}";
    Map<String, String> needed = new HashMap<>();
    needed.put("ListRooms", list);
    List.of("CreateRoom", "DeleteRoom").forEach(method -> needed.put(method, make));
    List.of("ForwardParticipant", "MoveParticipant")
        .forEach(method -> needed.put(method, elsewhere));
    List.of(
            "ListParticipants",
            "GetParticipant",
            "RemoveParticipant",
            "MutePublishedTrack",
            "UpdateParticipant",
            "UpdateSubscriptions",
            "UpdateRoomMetadata",
            "SendData",
            "CreateDispatch",
            "ListDispatch",
            "DeleteDispatch")
        .forEach(method -> needed.put(method, moderate));
    try (ScriptedServer server = new ScriptedServer()) {
      server.on("ListRooms", 200, "{\"rooms\":[{\"sid\":\"RM_1\",\"name\":\"hall\"}]}");
      TenantContext told = connected("told", server.url(), "APItold", "s".repeat(40));
      CALLS.values().forEach(call -> answer(call, told, "hall"));

      assertThat(server.grants())
          .allSatisfy(
              call -> {
                assertThat(call.granted()).as(call.method()).isEqualTo(needed.get(call.method()));
                assertThat(call.seconds()).as(call.method()).isBetween(1L, 60L);
              });
      assertThat(Set.copyOf(server.called())).isEqualTo(needed.keySet());
    }
  }

  private static List<String> all(String room) {
    return CALLS.entrySet().stream()
        .map(each -> each.getKey() + ": " + answer(each.getValue(), globex, room))
        .toList();
  }

  private static String answer(Foreign call, TenantContext context, String room) {
    try {
      return String.valueOf(call.by(context, room));
    } catch (TenantkitException e) {
      return e.code() + " " + e.getMessage();
    }
  }

  @Test
  void whoIsInARoomIsSeenAddressedChangedAndPutOut() throws Exception {
    NodeTools node = NodeTools.find();
    String token = jwt(acme, ParticipantToken.join("hall", "ada").name("Ada").attribute("a", "1"));
    try (NodeSession client =
        node.open("guest.mjs", Map.of("url", acmeServer.url(), "token", token))) {
      assertThat(client.await("joined").get("identity").asText()).isEqualTo("ada");
      await(
          "ada is there",
          () ->
              rooms.participants(acme, "hall").stream()
                  .anyMatch(who -> who.state() == Participant.State.ACTIVE));

      Participant ada = rooms.participant(acme, "hall", "ada");
      assertThat(ada.name()).isEqualTo("Ada");
      assertThat(ada.attributes()).containsEntry("a", "1");
      assertThat(ada.permissions())
          .contains(VideoPermission.CAN_PUBLISH, VideoPermission.CAN_SUBSCRIBE);
      assertThat(ada.tracks()).isEmpty();

      JsonNode heard =
          client.until(
              "data",
              any -> true,
              () -> rooms.send(acme, "hall", DataMessage.of("hello").topic("greeting").to("ada")));
      assertThat(heard.toString())
          .isEqualTo("{\"what\":\"data\",\"text\":\"hello\",\"topic\":\"greeting\",\"from\":null}");
      Participant changed =
          rooms.update(
              acme,
              "hall",
              "ada",
              ParticipantChange.none()
                  .metadata("changed")
                  .attributes(Map.of("a", "2"))
                  .permissions(List.of(VideoPermission.CAN_SUBSCRIBE)));
      assertThat(changed.metadata()).isEqualTo("changed");
      assertThat(changed.attributes()).containsEntry("a", "2");
      assertThat(changed.permissions())
          .contains(VideoPermission.CAN_SUBSCRIBE)
          .doesNotContain(VideoPermission.CAN_PUBLISH);
      rooms.updateMetadata(acme, "hall", "for all");
      await("the change has come", () -> rooms.get(acme, "hall").metadata().equals("for all"));
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> rooms.forward(acme, "hall", "ada", "elsewhere"),
              () -> rooms.move(acme, "hall", "ada", "elsewhere"))) {
        assertThatThrownBy(call)
            .as("what LiveKit Cloud alone has")
            .isInstanceOfSatisfying(
                LiveKitException.class,
                error ->
                    assertThat(error.failure())
                        .isIn(ServerFailure.UNSUPPORTED, ServerFailure.FAILED));
      }
      assertThatThrownBy(() -> rooms.mute(acme, "hall", "ada", "TR_none", true))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("track not found");
      rooms.remove(acme, "hall", "ada");

      client.await("metadata", said -> said.get("text").asText().equals("changed"));
      client.await("room", said -> said.get("text").asText().equals("for all"));
      assertThat(client.await("out").get("reason").asText()).isEqualTo("PARTICIPANT_REMOVED");
    }
    await("ada is gone", () -> isGone("hall", "ada"));
  }

  private static boolean isGone(String room, String identity) {
    try {
      rooms.participant(acme, room, identity);
      return false;
    } catch (NotFoundException e) {
      assertThat(e).hasMessage("participant not found");
      return true;
    }
  }

  @Test
  void whatSomebodyHearsOfAnotherIsTakenAwayAndGivenBack() {
    NodeTools node = NodeTools.find();
    try (NodeSession ada = guest(node, "ada");
        NodeSession bob = guest(node, "bob");
        NodeSession eve = guest(node, "eve")) {
      ada.tell(Map.of("do", "publish", "name", "voice", "tone", true));
      String sid = ada.await("done").get("sid").asText();
      bob.await("hears", hears(sid, true));
      eve.await("hears", hears(sid, true));

      rooms.subscribe(acme, "concert", "bob", List.of(sid), false);
      bob.await("hears", hears(sid, false));
      rooms.subscribe(acme, "concert", "bob", List.of(sid), true);
      bob.await("hears", 2, hears(sid, true));

      // Hers is her own. A slow machine may let her miss some, but not for good.
      int silences =
          (int) eve.said("hears").stream().filter(each -> hears(sid, false).test(each)).count();
      eve.await("hears", silences + 1, hears(sid, true));
    }
  }

  private static Predicate<JsonNode> hears(String sid, boolean sound) {
    return said -> said.get("sid").asText().equals(sid) && said.get("sound").asBoolean() == sound;
  }

  private static NodeSession guest(NodeTools node, String identity) {
    String token = jwt(acme, ParticipantToken.join("concert", identity));
    NodeSession guest = node.open("guest.mjs", Map.of("url", acmeServer.url(), "token", token));
    guest.await("joined");
    return guest;
  }

  @Test
  void anAgentIsSentWhetherOrNotTheRoomIsThere() {
    AgentDispatch fresh = agents.create(acme, "fresh", RoomAgent.named("bridge").metadata("job 1"));
    rooms.create(acme, "there", RoomConfig.builder().build());
    AgentDispatch again = agents.create(acme, "there", RoomAgent.named("bridge"));

    assertThat(fresh.id()).startsWith("AD_");
    assertThat(fresh.metadata()).isEqualTo("job 1");
    assertThat(fresh.createdAt()).isAfter(Instant.now().minus(DEADLINE));
    assertThat(agents.list(acme, "fresh")).extracting(AgentDispatch::id).contains(fresh.id());
    assertThat(agents.list(acme, "there")).extracting(AgentDispatch::id).contains(again.id());
    assertThat(agents.list(acme, "nowhere")).isEmpty();

    agents.delete(acme, "fresh", fresh.id());
    assertThat(agents.list(acme, "fresh")).extracting(AgentDispatch::id).doesNotContain(fresh.id());
    assertThatThrownBy(() -> agents.delete(acme, "there", "AD_nothing"))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("dispatch not found");
  }

  @Test
  void agentsOfAConfigurationComeWithTheRoom() {
    rooms.create(acme, "staffed", RoomConfig.withAgents(RoomAgent.named("bridge")));

    assertThat(agents.list(acme, "staffed"))
        .extracting(AgentDispatch::agentName)
        .contains("bridge");
  }

  @Test
  void whoOrWhatIsNotThereIsSaid() {
    rooms.create(acme, "origin", RoomConfig.builder().build());
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> rooms.forward(acme, "origin", "ada", "elsewhere"),
            () -> rooms.subscribe(acme, "origin", "ada", List.of("TR_x"), true),
            () -> rooms.update(acme, "origin", "ada", ParticipantChange.none().name("x")))) {
      assertThatThrownBy(call)
          .isInstanceOf(NotFoundException.class)
          .hasMessage("participant not found");
    }
    assertThatThrownBy(() -> rooms.send(acme, "nowhere", DataMessage.of("x")))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("room not found");
  }

  @Test
  void aServerThatDoesNotKnowTheKeyIsTold() {
    TenantContext wrong =
        connected("wrong", acmeServer.url(), acmeServer.apiKey(), "CANARY".repeat(6));

    assertThatThrownBy(() -> rooms.list(wrong))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> {
              assertThat(error.failure()).isEqualTo(ServerFailure.REFUSED);
              assertThat(error.code()).isEqualTo(ErrorCode.LIVEKIT_REFUSED);
              assertThat(error).hasMessageNotContaining("CANARY");
            });
  }

  @Test
  void aPrivateAddressIsNotCalledUnlessTheHostAllowsIt() {
    try (Egress strict = Egress.create()) {
      LiveKitRooms guarded = LiveKitRooms.of(LiveKit.builder(vault).egress(strict).build());
      assertThatThrownBy(() -> guarded.list(acme)).isInstanceOf(EgressException.class);
    }
  }

  @Test
  void eachCallNeedsItsScope() {
    TenantContext reads = acme.limitedTo(ScopeSet.of("livekit:read"));
    TenantContext issues = acme.limitedTo(ScopeSet.of("livekit:create-session"));

    assertThat(rooms.list(reads)).isNotNull();
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> rooms.list(issues),
            () -> rooms.create(reads, "x", RoomConfig.builder().build()),
            () -> rooms.delete(reads, "x"),
            () -> rooms.remove(reads, "x", "ada"),
            () -> rooms.send(reads, "x", DataMessage.of("x")),
            () -> agents.create(reads, "x", RoomAgent.named("a")),
            () -> agents.delete(reads, "x", "AD_x"))) {
      assertThatThrownBy(call).isInstanceOf(AccessDeniedException.class);
    }
  }

  @Test
  void namesAreBoundedBeforeAnythingIsSent() {
    assertThatThrownBy(() -> rooms.create(acme, "", RoomConfig.builder().build()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("room: ");
    assertThatThrownBy(() -> rooms.remove(acme, "x", "a\r\nb"))
        .hasMessageStartingWith("identity: ");
    assertThatThrownBy(() -> rooms.list(acme, List.of())).hasMessageStartingWith("names: ");
    assertThatThrownBy(() -> DataMessage.of(new byte[61_441])).hasMessageStartingWith("bytes: ");
    assertThatThrownBy(() -> rooms.updateMetadata(acme, "x", "m".repeat(524_289)))
        .hasMessageStartingWith("metadata: ");
    assertThatThrownBy(
            () -> ParticipantChange.none().permissions(List.of(VideoPermission.ROOM_ADMIN)))
        .hasMessageStartingWith("permissions: ");
  }
}
