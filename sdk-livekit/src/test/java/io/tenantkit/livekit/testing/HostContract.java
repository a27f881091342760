package io.tenantkit.livekit.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.room.AgentDispatch;
import io.tenantkit.livekit.room.DataMessage;
import io.tenantkit.livekit.room.NewSession;
import io.tenantkit.livekit.room.ParticipantChange;
import io.tenantkit.livekit.room.Room;
import io.tenantkit.livekit.room.StartedSession;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a host sees of a server through this library. */
abstract class HostContract {
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

  @Test
  void aRoomIsMadeFoundChangedAndDeleted() {
    RoomConfig config =
        RoomConfig.builder()
            .emptyTimeout(Duration.ofSeconds(99))
            .departureTimeout(Duration.ofSeconds(44))
            .maxParticipants(7)
            .metadata("first")
            // A server shows them nowhere; RoomMessagesTest sees them sent.
            .tags(Map.of("tier", "gold"))
            .build();

    Room made = plane.rooms.create(acme, "life", config);
    Room again = plane.rooms.create(acme, "life", RoomConfig.builder().metadata("other").build());
    Room changed = plane.rooms.updateMetadata(acme, "life", "second");

    assertThat(made.sid()).startsWith("RM_");
    assertThat(made.name()).isEqualTo("life");
    assertThat(made.emptyTimeout()).isEqualTo(Duration.ofSeconds(99));
    assertThat(made.departureTimeout()).isEqualTo(Duration.ofSeconds(44));
    assertThat(made.maxParticipants()).isEqualTo(7);
    assertThat(made.metadata()).isEqualTo("first");
    assertThat(Duration.between(made.createdAt(), server().clock().instant()))
        .isLessThan(Duration.ofMinutes(1));
    assertThat(again).as("it stays as it is").isEqualTo(made);
    assertThat(changed.sid()).isEqualTo(made.sid());
    assertThat(changed.metadata()).isEqualTo("second");
    server().await("changed", () -> plane.rooms.get(acme, "life").metadata().equals("second"));
    assertThat(plane.rooms.list(acme)).extracting(Room::name).contains("life");
    assertThat(plane.rooms.list(acme, List.of("life", "none")))
        .extracting(Room::sid)
        .containsExactly(made.sid());
    plane.rooms.delete(acme, "life");
    assertThat(plane.rooms.list(acme, List.of("life"))).isEmpty();
    assertThatThrownBy(() -> plane.rooms.get(acme, "life")).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> plane.rooms.delete(acme, "life"))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("room not found");
  }

  @Test
  void aRoomAsItComesHasTheServersTimes() {
    Room room = plane.rooms.create(acme, "plain", RoomConfig.builder().build());

    assertThat(room.emptyTimeout()).isEqualTo(Duration.ofMinutes(5));
    assertThat(room.departureTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(room.maxParticipants()).isZero();
    assertThat(room.metadata()).isEmpty();
  }

  @Test
  void anEmptyRoomClosesWhenItsTimeIsOver() {
    plane.rooms.create(
        acme, "short", RoomConfig.builder().emptyTimeout(Duration.ofSeconds(1)).build());
    plane.rooms.create(acme, "longer", RoomConfig.builder().build());

    server().await("closed", () -> plane.rooms.list(acme, List.of("short")).isEmpty());
    assertThat(plane.rooms.list(acme, List.of("longer"))).hasSize(1);
  }

  /** Some take a real server seconds, so they are asked at the same time. */
  @Test
  void whoOrWhatIsNotThereIsSaid() {
    plane.rooms.create(acme, "empty", RoomConfig.builder().build());
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    for (String room : List.of("empty", "none")) {
      calls.put("get " + room, () -> plane.rooms.participant(acme, room, "ada"));
      calls.put("remove " + room, () -> plane.rooms.remove(acme, room, "ada"));
      calls.put("mute " + room, () -> plane.rooms.mute(acme, room, "ada", "TR_x", true));
      calls.put(
          "update " + room,
          () -> plane.rooms.update(acme, room, "ada", ParticipantChange.none().name("x")));
      calls.put(
          "subscribe " + room,
          () -> plane.rooms.subscribe(acme, room, "ada", List.of("TR_x"), true));
      calls.put("forward " + room, () -> plane.rooms.forward(acme, room, "ada", "there"));
      calls.put("move " + room, () -> plane.rooms.move(acme, room, "ada", "there"));
    }
    calls.put("send none", () -> plane.rooms.send(acme, "none", DataMessage.of("x")));
    calls.put("metadata none", () -> plane.rooms.updateMetadata(acme, "none", "x"));
    calls.put("dispatch empty", () -> plane.agents.delete(acme, "empty", "AD_x"));
    Map<String, String> expected = new TreeMap<>();
    for (String name : calls.keySet()) {
      expected.put(name, "participant not found");
    }
    expected.put("send none", "room not found");
    expected.put("metadata none", "room not found");
    expected.put("dispatch empty", "dispatch not found");

    Map<String, String> said = new ConcurrentSkipListMap<>();
    calls.entrySet().parallelStream()
        .forEach(each -> said.put(each.getKey(), failure(each.getValue())));

    assertThat(said).isEqualTo(expected);
    assertThat(plane.rooms.participants(acme, "none")).isEmpty();
    assertThat(plane.rooms.participants(acme, "empty")).isEmpty();
    assertThat(plane.agents.list(acme, "none")).isEmpty();
  }

  private static String failure(ThrowingCallable call) {
    try {
      call.call();
      return "none";
    } catch (NotFoundException e) {
      return e.getMessage();
    } catch (Throwable e) {
      return e.toString();
    }
  }

  @Test
  void aWrongKeyPairIsRefused() {
    TenantContext secret =
        plane.tenant("wrong-secret", server().url(), server().apiKey(), "x".repeat(40));
    TenantContext key = plane.tenant("wrong-key", server().url(), "APInobody", "y".repeat(40));

    for (TenantContext wrong : List.of(secret, key)) {
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> plane.rooms.list(wrong),
              () -> plane.rooms.create(wrong, "x", RoomConfig.builder().build()),
              () -> plane.agents.create(wrong, "x", RoomAgent.named("x")))) {
        assertThatThrownBy(call)
            .isInstanceOfSatisfying(
                LiveKitException.class,
                error -> assertThat(error.failure()).isEqualTo(ServerFailure.REFUSED));
      }
    }
  }

  @Test
  void agentsAreSentWhetherOrNotTheRoomIsThere() {
    AgentDispatch fresh =
        plane.agents.create(acme, "fresh", RoomAgent.named("bridge").metadata("job 1"));
    plane.rooms.create(acme, "there", RoomConfig.builder().build());
    AgentDispatch second = plane.agents.create(acme, "there", RoomAgent.named("bridge"));
    AgentDispatch third = plane.agents.create(acme, "there", RoomAgent.named("bridge"));

    assertThat(fresh.id()).startsWith("AD_");
    assertThat(fresh.metadata()).isEqualTo("job 1");
    assertThat(fresh.room()).isEqualTo("fresh");
    assertThat(fresh.jobs()).isEmpty();
    assertThat(Duration.between(fresh.createdAt(), server().clock().instant()))
        .isLessThan(Duration.ofMinutes(1));
    assertThat(plane.agents.list(acme, "there"))
        .extracting(AgentDispatch::id)
        .contains(second.id(), third.id())
        .hasSize(3);
    assertThat(plane.agents.list(acme, "there"))
        .as("each room without agents of its own is for those without a name")
        .extracting(AgentDispatch::agentName)
        .containsExactlyInAnyOrder("", "bridge", "bridge");
    plane.agents.delete(acme, "there", second.id());
    assertThat(plane.agents.list(acme, "there"))
        .extracting(AgentDispatch::id)
        .contains(third.id())
        .doesNotContain(second.id());
    assertThatThrownBy(() -> plane.agents.delete(acme, "there", second.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void agentsOfAConfigurationComeWithTheRoom() {
    plane.rooms.create(
        acme,
        "staffed",
        RoomConfig.withAgents(RoomAgent.named("bridge"), RoomAgent.named("scribe")));

    assertThat(plane.agents.list(acme, "staffed"))
        .extracting(AgentDispatch::agentName)
        .containsExactlyInAnyOrder("bridge", "scribe");
  }

  @Test
  void aSessionIsStartedOnceAndUndoneWhenItFails() {
    NewSession wanted =
        NewSession.of(ParticipantToken.join("desk", "ada"), RoomAgent.named("bridge"));
    try (StartedSession first = plane.sessions.start(acme, wanted);
        StartedSession again = plane.sessions.start(acme, wanted)) {
      assertThat(again.room().sid()).isEqualTo(first.room().sid());
      assertThat(again.agents())
          .extracting(AgentDispatch::id)
          .containsExactlyElementsOf(first.agents().stream().map(AgentDispatch::id).toList());
    }
    RoomAgent refused = RoomAgent.named("late").deployment("no_such");
    NewSession failing = NewSession.of(ParticipantToken.join("undone", "ada"), refused);
    assertThatThrownBy(() -> plane.sessions.start(acme, failing))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> assertThat(error.failure()).isEqualTo(ServerFailure.INVALID));
    assertThat(plane.rooms.list(acme, List.of("undone"))).isEmpty();
  }
}
