package io.tenantkit.livekit.room;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.VideoPermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What LiveKit's servers answer. ProtoJSON allows names in camel case and as the protocol has them,
 * large numbers as texts, and leaving out what is zero or empty: all are read. Unknown fields are
 * passed over.
 */
final class Answers {
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private Answers() {}

  static Room room(JsonNode json) {
    long millis = number(json, "creation_time_ms");
    long seconds = number(json, "creation_time");
    return new Room(
        text(json, "sid"),
        text(json, "name"),
        text(json, "metadata"),
        millis > 0 ? time(millis) : time(Math.multiplyExact(Math.min(seconds, 1L << 40), 1_000L)),
        Duration.ofSeconds(number(json, "empty_timeout")),
        Duration.ofSeconds(number(json, "departure_timeout")),
        count(json, "max_participants"),
        count(json, "num_participants"),
        count(json, "num_publishers"),
        field(json, "active_recording").asBoolean());
  }

  static Participant participant(JsonNode json) {
    JsonNode permission = field(json, "permission");
    long millis = number(json, "joined_at_ms");
    return new Participant(
        text(json, "sid"),
        text(json, "identity"),
        text(json, "name"),
        state(text(json, "state")),
        kind(text(json, "kind")),
        text(json, "metadata"),
        texts(field(json, "attributes")),
        millis > 0 ? time(millis) : time(number(json, "joined_at") * 1_000L),
        permissions(permission),
        field(json, "is_publisher").asBoolean(),
        list(field(json, "tracks"), Answers::track));
  }

  static Track track(JsonNode json) {
    return new Track(
        text(json, "sid"),
        text(json, "name"),
        switch (text(json, "type")) {
          case "", "AUDIO" -> Track.Type.AUDIO;
          case "VIDEO" -> Track.Type.VIDEO;
          default -> Track.Type.DATA;
        },
        text(json, "source").isEmpty() ? "UNKNOWN" : text(json, "source"),
        field(json, "muted").asBoolean());
  }

  static AgentDispatch dispatch(JsonNode json) {
    JsonNode state = field(json, "state");
    return new AgentDispatch(
        text(json, "id"),
        text(json, "room"),
        text(json, "agent_name"),
        text(json, "metadata"),
        Instant.ofEpochSecond(0, number(state, "created_at")),
        list(field(state, "jobs"), job -> text(job, "id")));
  }

  static <T> List<T> list(JsonNode array, Function<JsonNode, T> each) {
    List<T> all = new ArrayList<>();
    array.forEach(item -> all.add(each.apply(item)));
    return List.copyOf(all);
  }

  /** By the protocol's name, or the same in camel case. */
  static JsonNode field(JsonNode json, String name) {
    JsonNode found = json.path(name);
    return found.isMissingNode() ? json.path(camelCase(name)) : found;
  }

  static String text(JsonNode json, String name) {
    JsonNode field = field(json, name);
    return field.isTextual() ? field.asText() : "";
  }

  private static String camelCase(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      boolean underscore = name.charAt(i) == '_' && i + 1 < name.length();
      text.append(underscore ? Character.toUpperCase(name.charAt(++i)) : name.charAt(i));
    }
    return text.toString();
  }

  private static long number(JsonNode json, String name) {
    return Math.max(0, field(json, name).asLong());
  }

  private static int count(JsonNode json, String name) {
    return (int) Math.min(Integer.MAX_VALUE, number(json, name));
  }

  private static Instant time(long millis) {
    return millis > LATEST.toEpochMilli() ? LATEST : Instant.ofEpochMilli(millis);
  }

  private static Map<String, String> texts(JsonNode json) {
    Map<String, String> all = new TreeMap<>();
    json.properties().forEach(each -> all.put(each.getKey(), each.getValue().asText()));
    return all;
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

  private static ParticipantKind kind(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    for (ParticipantKind kind : ParticipantKind.values()) {
      if (kind.claim().equals(lower)) {
        return kind;
      }
    }
    return ParticipantKind.STANDARD;
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
