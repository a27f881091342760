package io.tenantkit.livekit.room;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.spi.AnswerJson;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What LiveKit's servers answer. ProtoJSON allows names in camel case and as the protocol has them,
 * large numbers as texts, and leaving out what is zero or empty: all are read. Unknown fields are
 * passed over.
 */
final class Answers {
  private Answers() {}

  static Room room(JsonNode json) {
    return new Room(
        AnswerJson.text(json, "sid"),
        AnswerJson.text(json, "name"),
        AnswerJson.text(json, "metadata"),
        AnswerJson.time(json, "creation_time"),
        Duration.ofSeconds(AnswerJson.number(json, "empty_timeout")),
        Duration.ofSeconds(AnswerJson.number(json, "departure_timeout")),
        AnswerJson.count(json, "max_participants"),
        AnswerJson.count(json, "num_participants"),
        AnswerJson.count(json, "num_publishers"),
        field(json, "active_recording").asBoolean());
  }

  static Participant participant(JsonNode json) {
    JsonNode permission = field(json, "permission");
    return new Participant(
        AnswerJson.text(json, "sid"),
        AnswerJson.text(json, "identity"),
        AnswerJson.text(json, "name"),
        state(AnswerJson.text(json, "state")),
        AnswerJson.kind(json, "kind"),
        AnswerJson.text(json, "metadata"),
        AnswerJson.map(json, "attributes"),
        AnswerJson.time(json, "joined_at"),
        permissions(permission),
        field(json, "is_publisher").asBoolean(),
        list(field(json, "tracks"), Answers::track));
  }

  static Track track(JsonNode json) {
    return new Track(
        AnswerJson.text(json, "sid"),
        AnswerJson.text(json, "name"),
        switch (AnswerJson.text(json, "type")) {
          case "", "AUDIO" -> Track.Type.AUDIO;
          case "VIDEO" -> Track.Type.VIDEO;
          default -> Track.Type.DATA;
        },
        AnswerJson.text(json, "source").isEmpty() ? "UNKNOWN" : AnswerJson.text(json, "source"),
        field(json, "muted").asBoolean());
  }

  static AgentDispatch dispatch(JsonNode json) {
    JsonNode state = field(json, "state");
    return new AgentDispatch(
        AnswerJson.text(json, "id"),
        AnswerJson.text(json, "room"),
        AnswerJson.text(json, "agent_name"),
        AnswerJson.text(json, "metadata"),
        AnswerJson.map(json, "attributes"),
        Instant.ofEpochSecond(0, AnswerJson.number(state, "created_at")),
        list(field(state, "jobs"), Answers::job));
  }

  private static AgentJob job(JsonNode json) {
    JsonNode state = field(json, "state");
    return new AgentJob(
        AnswerJson.text(json, "id"),
        switch (AnswerJson.text(state, "status")) {
          case "", "JS_PENDING" -> AgentJob.State.PENDING;
          case "JS_RUNNING" -> AgentJob.State.RUNNING;
          case "JS_SUCCESS" -> AgentJob.State.SUCCEEDED;
          case "JS_FAILED" -> AgentJob.State.FAILED;
          default -> AgentJob.State.UNKNOWN;
        },
        AnswerJson.text(state, "participant_identity"),
        Instant.ofEpochSecond(0, AnswerJson.number(state, "started_at")));
  }

  static <T> List<T> list(JsonNode array, Function<JsonNode, T> each) {
    return AnswerJson.list(array, each);
  }

  /** By the protocol's name, or the same in camel case. */
  static JsonNode field(JsonNode json, String name) {
    return AnswerJson.field(json, name);
  }

  private static Participant.State state(String text) {
    return switch (text) {
      case "", "JOINING" -> Participant.State.JOINING;
      case "JOINED" -> Participant.State.JOINED;
      case "ACTIVE" -> Participant.State.ACTIVE;
      case "DISCONNECTED" -> Participant.State.DISCONNECTED;
      default -> Participant.State.UNKNOWN;
    };
  }

  private static Set<VideoPermission> permissions(JsonNode json) {
    Map<String, VideoPermission> known =
        Map.of(
            "can_publish", VideoPermission.CAN_PUBLISH,
            "can_subscribe", VideoPermission.CAN_SUBSCRIBE,
            "can_publish_data", VideoPermission.CAN_PUBLISH_DATA,
            "can_update_metadata", VideoPermission.CAN_UPDATE_OWN_METADATA,
            "can_subscribe_metrics", VideoPermission.CAN_SUBSCRIBE_METRICS,
            "hidden", VideoPermission.HIDDEN,
            "recorder", VideoPermission.RECORDER,
            "agent", VideoPermission.AGENT);
    Set<VideoPermission> held = EnumSet.noneOf(VideoPermission.class);
    known.forEach(
        (name, permission) -> {
          if (field(json, name).asBoolean()) {
            held.add(permission);
          }
        });
    return held;
  }
}
