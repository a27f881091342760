package io.tenantkit.livekit.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.Room;
import io.tenantkit.livekit.room.RoomReports;
import io.tenantkit.livekit.webhook.LiveKitEvent.AgentJobReport;
import io.tenantkit.livekit.webhook.LiveKitEvent.MediaReport;
import io.tenantkit.spi.ReceivedEvent;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads events as LiveKit's servers write them: JSON of protocol buffers, names in camel case,
 * large numbers as texts, what is zero or empty left out. Unknown fields are passed over.
 * Stateless.
 */
final class EventReader {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NAME = 64;

  /** The last second that {@link Instant#toString} writes without a sign. */
  private static final long MAX_SECONDS = 253_402_300_799L;

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxDocumentLength(LiveKitWebhooks.MAX_BODY_BYTES)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private EventReader() {}

  /** Null when it is no event. */
  static @Nullable LiveKitEvent read(byte[] body) {
    JsonNode json;
    try {
      json = JSON.readTree(body);
    } catch (IOException e) {
      return null;
    }
    String id = text(json, "id");
    String name = text(json, "event");
    if (!ReceivedEvent.isId(id) || !isName(name)) {
      return null;
    }
    long seconds = Math.max(0, Math.min(MAX_SECONDS, json.path("createdAt").asLong()));
    return event(name, id, Instant.ofEpochSecond(seconds), json);
  }

  private static boolean isName(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_NAME
        && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  }

  private static LiveKitEvent event(String name, String id, Instant at, JsonNode json) {
    return switch (name) {
      case "room_started" -> new LiveKitEvent.RoomStarted(id, at, room(json));
      case "room_finished" -> new LiveKitEvent.RoomFinished(id, at, room(json));
      case "participant_joined" ->
          new LiveKitEvent.ParticipantJoined(id, at, room(json), participant(json));
      case "participant_left" ->
          new LiveKitEvent.ParticipantLeft(id, at, room(json), participant(json));
      case "participant_connection_aborted" ->
          new LiveKitEvent.ParticipantConnectionAborted(id, at, room(json), participant(json));
      case "track_published" ->
          new LiveKitEvent.TrackPublished(
              id, at, room(json), participant(json), RoomReports.track(json.path("track")));
      case "track_unpublished" ->
          new LiveKitEvent.TrackUnpublished(
              id, at, room(json), participant(json), RoomReports.track(json.path("track")));
      case "egress_started" -> new LiveKitEvent.EgressStarted(id, at, egress(json));
      case "egress_updated" -> new LiveKitEvent.EgressUpdated(id, at, egress(json));
      case "egress_ended" -> new LiveKitEvent.EgressEnded(id, at, egress(json));
      case "ingress_started" -> new LiveKitEvent.IngressStarted(id, at, ingress(json));
      case "ingress_ended" -> new LiveKitEvent.IngressEnded(id, at, ingress(json));
      case "agent_job_started" -> new LiveKitEvent.AgentJobStarted(id, at, job(json));
      case "agent_job_ended" -> new LiveKitEvent.AgentJobEnded(id, at, job(json));
      default -> new LiveKitEvent.Unknown(id, at, name);
    };
  }

  private static Room room(JsonNode json) {
    return RoomReports.room(json.path("room"));
  }

  private static Participant participant(JsonNode json) {
    return RoomReports.participant(json.path("participant"));
  }

  private static MediaReport egress(JsonNode json) {
    JsonNode info = json.path("egressInfo");
    String status = text(info, "status");
    return new MediaReport(
        text(info, "egressId"),
        text(info, "roomId"),
        text(info, "roomName"),
        status.isEmpty() ? "EGRESS_STARTING" : status,
        text(info, "error"));
  }

  private static MediaReport ingress(JsonNode json) {
    JsonNode info = json.path("ingressInfo");
    JsonNode state = info.path("state");
    String status = text(state, "status");
    return new MediaReport(
        text(info, "ingressId"),
        text(state, "roomId"),
        text(info, "roomName"),
        status.isEmpty() ? "ENDPOINT_INACTIVE" : status,
        text(state, "error"));
  }

  private static AgentJobReport job(JsonNode json) {
    JsonNode job = json.has("agentJob") ? json.path("agentJob") : json.path("job");
    JsonNode room = job.has("room") ? job.path("room") : json.path("room");
    return new AgentJobReport(
        text(job, "id"),
        text(job, "dispatchId"),
        text(job, "agentName"),
        text(room, "name"),
        text(job.path("state"), "status"),
        text(job.path("state"), "error"));
  }

  private static String text(JsonNode json, String name) {
    JsonNode field = json.path(name);
    return field.isTextual() ? field.asText() : "";
  }
}
