package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.JsonFormat;
import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import livekit.LivekitAgentDispatch.JobRestartPolicy;
import livekit.LivekitRoom.RoomConfiguration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A room's configuration in the form that protocol buffers give it in JSON. */
class RoomConfigTest {
  private static final RoomConfig FULL =
      RoomConfig.builder()
          .name("large")
          .emptyTimeout(Duration.ofMinutes(5))
          .departureTimeout(Duration.ofSeconds(20))
          .maxParticipants(12)
          .metadata("{\"title\":\"Grüße\"}")
          .tags(Map.of("b", "2", "a", "1"))
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

  private static String json(RoomConfig config) {
    JsonBytes json = new JsonBytes(16);
    RoomConfigJson.write(json, config);
    byte[] bytes = new byte[json.length()];
    json.copyTo(bytes, 0);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** LiveKit's own classes, by Google's reader, which refuses what it does not know. */
  @Test
  void itsFormIsThatOfTheProtocolBuffer() throws Exception {
    RoomConfiguration.Builder read = RoomConfiguration.newBuilder();
    JsonFormat.parser().merge(json(FULL), read);

    assertThat(read.getName()).isEqualTo("large");
    assertThat(read.getEmptyTimeout()).isEqualTo(300);
    assertThat(read.getDepartureTimeout()).isEqualTo(20);
    assertThat(read.getMaxParticipants()).isEqualTo(12);
    assertThat(read.getMetadata()).isEqualTo("{\"title\":\"Grüße\"}");
    assertThat(read.getTagsMap()).isEqualTo(Map.of("a", "1", "b", "2"));
    assertThat(read.getAgentsList()).hasSize(2);
    assertThat(read.getAgents(0).getAgentName()).isEqualTo("bridge");
    assertThat(read.getAgents(0).getMetadata()).isEqualTo("m");
    assertThat(read.getAgents(0).getRestartPolicy()).isEqualTo(JobRestartPolicy.JRP_NEVER);
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
  }

  @Test
  void nothingSaidIsNothingWritten() {
    assertThat(json(RoomConfig.builder().build())).isEqualTo("{}");
    assertThat(json(RoomConfig.withAgents(RoomAgent.named("a").deployment("blue"))))
        .isEqualTo("{\"agents\":[{\"agentName\":\"a\",\"deployment\":\"blue\"}]}");
    assertThat(json(RoomConfig.withAgents(RoomAgent.named("a").attributes(Map.of("b", "c")))))
        .isEqualTo("{\"agents\":[{\"agentName\":\"a\",\"attributes\":{\"b\":\"c\"}}]}");
  }

  @Test
  void aBuilderMayGoOn() {
    RoomConfig.Builder builder = RoomConfig.builder().maxParticipants(1);
    RoomConfig first = builder.build();
    builder.maxParticipants(2);

    assertThat(first.maxParticipants()).hasValue(1);
  }

  @Test
  void itIsBounded() {
    RoomConfig.Builder builder = RoomConfig.builder();
    refused("emptyTimeout", () -> builder.emptyTimeout(Duration.ofMillis(999)));
    refused("departureTimeout", () -> builder.departureTimeout(Duration.ofHours(25)));
    refused("maxParticipants", () -> builder.maxParticipants(0));
    refused("metadata", () -> builder.metadata("m".repeat(TokenRequest.MAX_METADATA_BYTES + 1)));
    refused("tags", () -> builder.tags(Map.of("a\n", "")));
    refused("tags", () -> builder.tags(Map.of("a", "v".repeat(1_025))));
    Map<String, String> many =
        IntStream.range(0, 65).boxed().collect(Collectors.toMap(i -> "t" + i, i -> ""));
    refused("tags", () -> builder.tags(many));
    refused("agents", () -> builder.agents(Collections.nCopies(17, RoomAgent.named("a"))));
    refused("agentName", () -> RoomAgent.named(""));
    refused("agentMetadata", () -> RoomAgent.named("a").metadata("m".repeat(65_537)));
    RoomAgent agent = RoomAgent.named("a");
    refused("agentAttributes", () -> agent.attributes(Map.of("", "v")));
    refused("agentAttributes", () -> agent.attributes(Map.of("a\n", "v")));
    refused("agentAttributes", () -> agent.attributes(Map.of("a", "v".repeat(65_536))));
    Map<String, String> tooMany =
        IntStream.range(0, 257).boxed().collect(Collectors.toMap(i -> "t" + i, i -> ""));
    refused("agentAttributes", () -> agent.attributes(tooMany));
    refused("filepath", () -> RoomEgress.none().tracks(""));
    refused(
        "playoutDelay", () -> builder.playoutDelay(Duration.ofSeconds(2), Duration.ofSeconds(1)));
    refused("playoutDelay", () -> builder.playoutDelay(Duration.ZERO, Duration.ofMillis(10_001)));
    refused("roomConfig.name", () -> builder.name(""));
    refused("kindDetails", () -> ParticipantToken.join("r", "i").kind(ParticipantKind.SIP, "A B"));
    refused("kind", () -> ParticipantToken.join("r", "i").kind(ParticipantKind.AGENT));
    refused("sha256", () -> ApiToken.of("backend").sha256("short"));
    refused("grant", () -> ApiToken.of("backend").grant(VideoPermission.ROOM_JOIN));
    refused("room", () -> ApiToken.inRoom("", "backend"));
    refused("roomPreset", () -> ParticipantToken.join("r", "i").roomPreset(""));
  }

  @Test
  void whatMayBePersonalIsNotPrinted() {
    assertThat(RoomConfig.builder().metadata("CANARY").tags(Map.of("a", "CANARY")).build())
        .asString()
        .doesNotContain("CANARY");
    assertThat(RoomAgent.named("a").metadata("CANARY").attributes(Map.of("b", "CANARY")))
        .hasToString("RoomAgent[a]");
  }

  private static void refused(String property, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidInputException.class, error -> assertThat(error.property()).isEqualTo(property));
  }
}
