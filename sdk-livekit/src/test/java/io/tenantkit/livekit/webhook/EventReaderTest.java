package io.tenantkit.livekit.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.Track;
import io.tenantkit.livekit.webhook.LiveKitEvent.AgentJobReport;
import io.tenantkit.livekit.webhook.LiveKitEvent.MediaReport;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import livekit.LivekitEgress;
import livekit.LivekitIngress;
import livekit.LivekitModels;
import livekit.LivekitWebhook.WebhookEvent;
import org.junit.jupiter.api.Test;

/** Events as LiveKit's own protocol buffers write them in JSON. */
class EventReaderTest {
  private static final long AT = 1_774_000_000;

  private static WebhookEvent.Builder event(String name) {
    return WebhookEvent.newBuilder()
        .setEvent(name)
        .setId("EV_1")
        .setCreatedAt(AT)
        .setRoom(
            LivekitModels.Room.newBuilder()
                .setSid("RM_1")
                .setName("desk")
                .setCreationTime(AT - 10)
                .setCreationTimeMs((AT - 10) * 1_000 + 7)
                .setNumParticipants(3)
                .setTurnPassword("hidden"))
        .setParticipant(
            LivekitModels.ParticipantInfo.newBuilder()
                .setSid("PA_1")
                .setIdentity("ada “é”")
                .setKind(LivekitModels.ParticipantInfo.Kind.AGENT)
                .setState(LivekitModels.ParticipantInfo.State.ACTIVE)
                .putAttributes("role", "guest")
                .setJoinedAtMs((AT - 5) * 1_000 + 9))
        .setTrack(
            LivekitModels.TrackInfo.newBuilder()
                .setSid("TR_1")
                .setType(LivekitModels.TrackType.VIDEO)
                .setSource(LivekitModels.TrackSource.SCREEN_SHARE)
                .setMuted(true))
        .setEgressInfo(
            LivekitEgress.EgressInfo.newBuilder()
                .setEgressId("EG_1")
                .setRoomId("RM_1")
                .setRoomName("desk")
                .setStatus(LivekitEgress.EgressStatus.EGRESS_FAILED)
                .setError("no space"))
        .setIngressInfo(
            LivekitIngress.IngressInfo.newBuilder()
                .setIngressId("IN_1")
                .setStreamKey("hidden")
                .setRoomName("desk")
                .setState(
                    LivekitIngress.IngressState.newBuilder()
                        .setStatus(LivekitIngress.IngressState.Status.ENDPOINT_PUBLISHING)
                        .setRoomId("RM_1")));
  }

  private static LiveKitEvent read(WebhookEvent.Builder event) throws Exception {
    String json = JsonFormat.printer().omittingInsignificantWhitespace().print(event);
    return EventReader.read(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void everyEventOfTheProtocolHasItsType() throws Exception {
    MediaReport egress = new MediaReport("EG_1", "RM_1", "desk", "EGRESS_FAILED", "no space");
    MediaReport ingress = new MediaReport("IN_1", "RM_1", "desk", "ENDPOINT_PUBLISHING", "");
    Map<String, Class<? extends LiveKitEvent>> types =
        Map.ofEntries(
            Map.entry("room_started", LiveKitEvent.RoomStarted.class),
            Map.entry("room_finished", LiveKitEvent.RoomFinished.class),
            Map.entry("participant_joined", LiveKitEvent.ParticipantJoined.class),
            Map.entry("participant_left", LiveKitEvent.ParticipantLeft.class),
            Map.entry(
                "participant_connection_aborted", LiveKitEvent.ParticipantConnectionAborted.class),
            Map.entry("track_published", LiveKitEvent.TrackPublished.class),
            Map.entry("track_unpublished", LiveKitEvent.TrackUnpublished.class),
            Map.entry("egress_started", LiveKitEvent.EgressStarted.class),
            Map.entry("egress_updated", LiveKitEvent.EgressUpdated.class),
            Map.entry("egress_ended", LiveKitEvent.EgressEnded.class),
            Map.entry("ingress_started", LiveKitEvent.IngressStarted.class),
            Map.entry("ingress_ended", LiveKitEvent.IngressEnded.class),
            Map.entry("agent_job_started", LiveKitEvent.AgentJobStarted.class),
            Map.entry("agent_job_ended", LiveKitEvent.AgentJobEnded.class),
            Map.entry("agent_job_pending", LiveKitEvent.Unknown.class));
    for (Map.Entry<String, Class<? extends LiveKitEvent>> each : types.entrySet()) {
      LiveKitEvent read = read(event(each.getKey()));
      assertThat(read).isExactlyInstanceOf(each.getValue());
      assertThat(read.id()).isEqualTo("EV_1");
      assertThat(read.createdAt()).isEqualTo(Instant.ofEpochSecond(AT));
      assertThat(read.toString()).doesNotContain("hidden").doesNotContain("guest");
      if (read instanceof LiveKitEvent.OfEgress of) {
        assertThat(of.egress()).isEqualTo(egress);
      }
      if (read instanceof LiveKitEvent.OfIngress of) {
        assertThat(of.ingress()).isEqualTo(ingress);
      }
      if (read instanceof LiveKitEvent.InRoom of) {
        assertThat(of.room().sid()).isEqualTo("RM_1");
        assertThat(of.room().participants()).isEqualTo(3);
      }
    }
    // None of our types is left out.
    Set<Class<?>> ours =
        Arrays.stream(LiveKitEvent.class.getDeclaredClasses())
            .filter(type -> type.isRecord() && LiveKitEvent.class.isAssignableFrom(type))
            .collect(Collectors.toSet());
    assertThat(types.values())
        .containsAll(List.copyOf(ours).stream().map(EventReaderTest::event).toList());
  }

  @SuppressWarnings("unchecked")
  private static Class<? extends LiveKitEvent> event(Class<?> type) {
    return (Class<? extends LiveKitEvent>) type;
  }

  @Test
  void whatATrackIsAndWhosIsRead() throws Exception {
    LiveKitEvent.TrackPublished read = (LiveKitEvent.TrackPublished) read(event("track_published"));
    assertThat(read.track())
        .isEqualTo(new Track("TR_1", "", Track.Type.VIDEO, "SCREEN_SHARE", true));
    Participant participant = read.participant();
    assertThat(participant.identity()).isEqualTo("ada “é”");
    assertThat(participant.kind()).isEqualTo(ParticipantKind.AGENT);
    assertThat(participant.state()).isEqualTo(Participant.State.ACTIVE);
    assertThat(participant.joinedAt()).isEqualTo(Instant.ofEpochMilli((AT - 5) * 1_000 + 9));
    assertThat(participant.attributes()).containsEntry("role", "guest");
  }

  @Test
  void anAgentsJobIsReadAsItsProtocolHasIt() {
    String json =
        """
        {"event":"agent_job_ended","id":"EV_1","agentJob":{"id":"AJ_1","dispatchId":"AD_1",
        "agentName":"bridge","room":{"name":"desk"},"state":{"status":"JS_FAILED","error":"no"}}}""";
    assertThat(EventReader.read(json.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(
            new LiveKitEvent.AgentJobEnded(
                "EV_1",
                Instant.EPOCH,
                new AgentJobReport("AJ_1", "AD_1", "bridge", "desk", "JS_FAILED", "no")));
  }
}
