package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.JsonFormat;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.RoomEgress;
import io.tenantkit.livekit.harness.ProtocolFields;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import livekit.LivekitAgentDispatch.CreateAgentDispatchRequest;
import livekit.LivekitAgentDispatch.JobRestartPolicy;
import livekit.LivekitRoom.CreateRoomRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is sent to make a room and to send an agent, read by LiveKit's own classes. */
final class RoomMessagesTest {
  private final RoomHouse house = new RoomHouse();
  private final ScriptedServer server = new ScriptedServer();
  private final TenantContext acme =
      house.connected("acme", server.url(), "APIacme", "a-secret-of-at-least-32-characters");

  @AfterEach
  void close() {
    house.close();
    server.close();
  }

  @Test
  void aRoomIsMadeAsItsConfigurationSays() throws Exception {
    RoomConfig config =
        RoomConfig.builder()
            .name("large")
            .emptyTimeout(Duration.ofSeconds(99))
            .departureTimeout(Duration.ofSeconds(44))
            .maxParticipants(7)
            .metadata("first")
            .tags(Map.of("tier", "gold", "ü", ""))
            .agents(
                List.of(
                    RoomAgent.named("bridge").metadata("m").restart(RoomAgent.Restart.NEVER),
                    RoomAgent.named("scribe")))
            .egress(
                RoomEgress.none()
                    .room(new RoomEgress.Composite("r/{room_name}.mp4", Optional.of("grid"), true))
                    .participants("p/{publisher_identity}.mp4")
                    .tracks("t/{track_id}"))
            .playoutDelay(Duration.ofMillis(100), Duration.ofSeconds(2))
            .syncStreams(true)
            .build();
    LiveKitRooms.of(house.livekit).create(acme, "life", config);

    CreateRoomRequest.Builder read = CreateRoomRequest.newBuilder();
    JsonFormat.parser().merge(server.lastBody(), read);
    assertThat(read.getName()).as("the room's, not the configuration's").isEqualTo("life");
    assertThat(read.getRoomPreset()).isEqualTo("large");
    assertThat(read.getEmptyTimeout()).isEqualTo(99);
    assertThat(read.getDepartureTimeout()).isEqualTo(44);
    assertThat(read.getMaxParticipants()).isEqualTo(7);
    assertThat(read.getMetadata()).isEqualTo("first");
    assertThat(read.getTagsMap()).isEqualTo(Map.of("tier", "gold", "ü", ""));
    assertThat(read.getAgentsCount()).isEqualTo(2);
    assertThat(read.getAgents(0).getAgentName()).isEqualTo("bridge");
    assertThat(read.getAgents(0).getMetadata()).isEqualTo("m");
    assertThat(read.getAgents(0).getRestartPolicy()).isEqualTo(JobRestartPolicy.JRP_NEVER);
    assertThat(read.getAgents(1).getAgentName()).isEqualTo("scribe");
    assertThat(read.getEgress().getRoom().getLayout()).isEqualTo("grid");
    assertThat(read.getEgress().getRoom().getAudioOnly()).isTrue();
    assertThat(read.getEgress().getRoom().getFileOutputs(0).getFilepath())
        .isEqualTo("r/{room_name}.mp4");
    assertThat(read.getEgress().getParticipant().getFileOutputs(0).getFilepath())
        .isEqualTo("p/{publisher_identity}.mp4");
    assertThat(read.getEgress().getTracks().getFilepath()).isEqualTo("t/{track_id}");
    assertThat(read.getMinPlayoutDelay()).isEqualTo(100);
    assertThat(read.getMaxPlayoutDelay()).isEqualTo(2_000);
    assertThat(read.getSyncStreams()).isTrue();
    assertThat(ProtocolFields.unsaid(read.build()))
        .filteredOn(field -> field.startsWith("CreateRoomRequest."))
        .as("which node is the server's to choose, and replays are LiveKit Cloud's")
        .containsExactly("CreateRoomRequest.node_id", "CreateRoomRequest.replay_enabled");
  }

  @Test
  void aBareRoomIsNothingButItsName() {
    LiveKitRooms.of(house.livekit).create(acme, "bare", RoomConfig.builder().build());

    assertThat(server.lastBody()).isEqualTo("{\"name\":\"bare\"}");
  }

  /** Deployment and attributes are newer than LiveKit's classes that come along. */
  @Test
  void anAgentIsSentWithAllThatIsSaidOfIt() throws Exception {
    RoomAgent bridge =
        RoomAgent.named("bridge")
            .metadata("m")
            .restart(RoomAgent.Restart.NEVER)
            .deployment("blue")
            .attributes(Map.of("z", "1", "a", "ü"));
    AgentDispatches.of(house.livekit).create(acme, "desk", bridge);

    CreateAgentDispatchRequest.Builder read = CreateAgentDispatchRequest.newBuilder();
    JsonFormat.parser().ignoringUnknownFields().merge(server.lastBody(), read);
    assertThat(ProtocolFields.unsaid(read.build())).isEmpty();
    assertThat(read.getRoom()).isEqualTo("desk");
    assertThat(read.getAgentName()).isEqualTo("bridge");
    assertThat(read.getMetadata()).isEqualTo("m");
    assertThat(read.getRestartPolicy()).isEqualTo(JobRestartPolicy.JRP_NEVER);
    JsonNode json = new ObjectMapper().readTree(server.lastBody());
    assertThat(json.get("deployment").textValue()).isEqualTo("blue");
    assertThat(json.get("attributes")).hasToString("{\"a\":\"ü\",\"z\":\"1\"}");

    LiveKitRooms.of(house.livekit).create(acme, "desk", RoomConfig.withAgents(bridge));
    assertThat(server.lastBody())
        .isEqualTo(
            "{\"agents\":[{\"agentName\":\"bridge\",\"metadata\":\"m\",\"restartPolicy\":\"JRP_NEVER\","
                + "\"deployment\":\"blue\",\"attributes\":{\"a\":\"ü\",\"z\":\"1\"}}],\"name\":\"desk\"}");
  }
}
