package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import livekit.LivekitModels.ParticipantPermission;
import livekit.LivekitModels.TrackSource;

/**
 * The video grants of a token. Immutable.
 *
 * @param said the grants and permissions that the token says yes or no to, by name
 * @param sources the sources that may be published; none means all
 */
record Video(Map<String, Boolean> said, String room, String destinationRoom, List<String> sources) {
  /** All that can be said. */
  static final Set<String> NAMES =
      Set.of(
          "roomCreate",
          "roomList",
          "roomRecord",
          "roomAdmin",
          "roomJoin",
          "ingressAdmin",
          "hidden",
          "recorder",
          "agent",
          "canPublish",
          "canSubscribe",
          "canPublishData",
          "canUpdateOwnMetadata",
          "canSubscribeMetrics",
          "canManageAgentSession");

  Video {
    said = Map.copyOf(said);
    sources = List.copyOf(sources);
  }

  boolean is(String name) {
    return said.getOrDefault(name, false);
  }

  boolean canPublish() {
    return said.getOrDefault("canPublish", true);
  }

  boolean canPublish(TrackSource source) {
    return canPublish()
        && (sources.isEmpty() || sources.contains(source.name().toLowerCase(Locale.ROOT)));
  }

  boolean canPublishData() {
    return said.getOrDefault("canPublishData", canPublish());
  }

  boolean canSubscribe() {
    return said.getOrDefault("canSubscribe", true);
  }

  Video with(String name, boolean yes) {
    Map<String, Boolean> changed = new TreeMap<>(said);
    changed.put(name, yes);
    return new Video(changed, room, destinationRoom, sources);
  }

  /** As an update of the permissions leaves it: what is not said is a no. */
  @SuppressWarnings("deprecation") // Deprecated in the protocol, and still heeded.
  Video with(ParticipantPermission permission) {
    Map<String, Boolean> changed = new TreeMap<>(said);
    changed.put("canPublish", permission.getCanPublish());
    changed.put("canPublishData", permission.getCanPublishData());
    changed.put("canSubscribe", permission.getCanSubscribe());
    changed.put("canUpdateOwnMetadata", permission.getCanUpdateMetadata());
    changed.put("canSubscribeMetrics", permission.getCanSubscribeMetrics());
    changed.put("canManageAgentSession", permission.getCanManageAgentSession());
    changed.put("hidden", permission.getHidden());
    changed.put("recorder", permission.getRecorder());
    changed.put("agent", permission.getAgent());
    List<String> named =
        permission.getCanPublishSourcesList().stream()
            .map(source -> source.name().toLowerCase(Locale.ROOT))
            .toList();
    return new Video(changed, room, destinationRoom, named);
  }

  @SuppressWarnings("deprecation") // As above.
  ParticipantPermission permission() {
    ParticipantPermission.Builder permission =
        ParticipantPermission.newBuilder()
            .setCanPublish(canPublish())
            .setCanPublishData(canPublishData())
            .setCanSubscribe(canSubscribe())
            .setCanUpdateMetadata(is("canUpdateOwnMetadata"))
            .setHidden(is("hidden"))
            .setRecorder(is("recorder"))
            .setAgent(is("agent"))
            .setCanSubscribeMetrics(is("canSubscribeMetrics"))
            .setCanManageAgentSession(is("canManageAgentSession"));
    sources.forEach(source -> permission.addCanPublishSources(source(source)));
    return permission.build();
  }

  private static TrackSource source(String name) {
    try {
      return TrackSource.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return TrackSource.UNKNOWN;
    }
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    new TreeMap<>(said).forEach(json::put);
    if (!room.isEmpty()) {
      json.put("room", room);
    }
    if (!destinationRoom.isEmpty()) {
      json.put("destinationRoom", destinationRoom);
    }
    if (!sources.isEmpty()) {
      sources.forEach(json.putArray("canPublishSources")::add);
    }
    return json;
  }
}
