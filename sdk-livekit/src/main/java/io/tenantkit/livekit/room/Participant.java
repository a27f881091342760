package io.tenantkit.livekit.room;

import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.VideoPermission;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Somebody in a room, as its server tells. Immutable.
 *
 * @param sid the server's id of this presence
 * @param identity under which it joined
 * @param name to display, may be empty
 * @param state how far it came
 * @param kind what sort it is
 * @param metadata text for the others, may be empty
 * @param attributes by name
 * @param joinedAt when it joined
 * @param permissions what it may do, of {@code CAN_PUBLISH}, {@code CAN_SUBSCRIBE}, {@code
 *     CAN_PUBLISH_DATA}, {@code CAN_UPDATE_OWN_METADATA}, {@code CAN_SUBSCRIBE_METRICS}, {@code
 *     HIDDEN}, {@code RECORDER} and {@code AGENT}
 * @param publishing whether it publishes anything
 * @param tracks what it publishes
 */
public record Participant(
    String sid,
    String identity,
    String name,
    State state,
    ParticipantKind kind,
    String metadata,
    Map<String, String> attributes,
    Instant joinedAt,
    Set<VideoPermission> permissions,
    boolean publishing,
    List<Track> tracks) {

  /** How far a participant came. */
  public enum State {
    /** Connected by signalling, not yet by media. */
    JOINING,
    /** Signalled, waiting for media. */
    JOINED,
    /** There. */
    ACTIVE,
    /** Gone. */
    DISCONNECTED,
    /** What a later server says and this library does not know. */
    UNKNOWN
  }

  /** Copies the collections. */
  public Participant {
    Objects.requireNonNull(sid, "sid");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(metadata, "metadata");
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    Objects.requireNonNull(joinedAt, "joinedAt");
    EnumSet<VideoPermission> ordered = EnumSet.noneOf(VideoPermission.class);
    ordered.addAll(permissions);
    permissions = Collections.unmodifiableSet(ordered);
    tracks = List.copyOf(tracks);
  }

  /** Identity and state; not the metadata or attributes, which may be personal. */
  @Override
  public String toString() {
    return "Participant[" + identity + ", " + state + "]";
  }
}
