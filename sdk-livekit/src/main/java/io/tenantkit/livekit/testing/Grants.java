package io.tenantkit.livekit.testing;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitModels.ParticipantPermission;
import livekit.LivekitRoom.RoomConfiguration;

/**
 * What a token that was found genuine says, as far as the server heeds it. Immutable.
 *
 * @param services grants outside of {@code video} that say yes, as {@code sip.admin}
 * @param expiresAt empty when the token never ends, which servers up to 1.13 accept
 */
record Grants(
    String apiKey,
    String identity,
    String name,
    String kind,
    List<String> kindDetails,
    Optional<Video> video,
    Set<String> services,
    String metadata,
    Map<String, String> attributes,
    Optional<RoomConfiguration> roomConfig,
    String roomPreset,
    Optional<Instant> expiresAt) {
  Grants {
    kindDetails = List.copyOf(kindDetails);
    services = Set.copyOf(services);
    attributes = Map.copyOf(attributes);
  }

  /** Whether the video grants are there and say yes to this. */
  boolean may(String name) {
    return video.isPresent() && video.get().is(name);
  }

  /** Whether they moderate this room. */
  boolean administers(String room) {
    return may("roomAdmin") && video.orElseThrow().room().equals(room);
  }

  Video videoOrNone() {
    return video.orElseGet(() -> new Video(Map.of(), "", "", List.of()));
  }

  ParticipantInfo.Kind kindOrStandard() {
    try {
      return ParticipantInfo.Kind.valueOf(kind.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return ParticipantInfo.Kind.STANDARD;
    }
  }

  /** Whether it neither counts against a room's limit nor keeps the room alive. */
  boolean dependent() {
    return kindOrStandard() == ParticipantInfo.Kind.AGENT
        || kindOrStandard() == ParticipantInfo.Kind.EGRESS
        || may("agent")
        || may("recorder");
  }

  Grants with(String changedName, String changedMetadata, Map<String, String> changedAttributes) {
    Map<String, String> merged = new TreeMap<>(attributes);
    changedAttributes.forEach(
        (key, value) -> {
          if (value.isEmpty()) {
            merged.remove(key);
          } else {
            merged.put(key, value);
          }
        });
    return new Grants(
        apiKey,
        identity,
        changedName.isEmpty() ? name : changedName,
        kind,
        kindDetails,
        video,
        services,
        changedMetadata.isEmpty() ? metadata : changedMetadata,
        merged,
        roomConfig,
        roomPreset,
        expiresAt);
  }

  Grants with(ParticipantPermission permission) {
    return with(identity, videoOrNone().with(permission));
  }

  Grants with(String changedIdentity, Video changed) {
    return new Grants(
        apiKey,
        changedIdentity,
        name,
        kind,
        kindDetails,
        Optional.of(changed),
        services,
        metadata,
        attributes,
        roomConfig,
        roomPreset,
        expiresAt);
  }
}
