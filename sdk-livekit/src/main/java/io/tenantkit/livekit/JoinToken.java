package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * A wish for a token that joins one room under one identity.
 *
 * @param <T> the kind of request, so that a chain of calls keeps its type
 */
public abstract sealed class JoinToken<T extends JoinToken<T>> extends TokenRequest<T>
    permits ParticipantToken, AgentToken {

  JoinToken(TokenSpec spec) {
    super(spec);
  }

  /** A name to display: 1 to 256 bytes without control characters. */
  public final T name(String name) {
    return with(spec.withName(name));
  }

  /** Text for the other participants' clients: at most 512 KiB. */
  public final T metadata(String metadata) {
    return with(spec.withMetadata(metadata));
  }

  /**
   * Adds attributes; a later value of a name replaces the earlier one. At most {@value
   * #MAX_ATTRIBUTES} of them, names and values together at most 64 KiB, names as display names are.
   */
  public final T attributes(Map<String, String> attributes) {
    return with(spec.withAttributes(attributes));
  }

  /** Adds one attribute, as {@link #attributes} does. */
  public final T attribute(String name, String value) {
    return attributes(Map.of(name, value));
  }

  /** Whether tracks may be published; unsaid, the server allows it. */
  public final T canPublish(boolean value) {
    return permission(VideoPermission.CAN_PUBLISH, value);
  }

  /** Whether tracks may be subscribed to; unsaid, the server allows it. */
  public final T canSubscribe(boolean value) {
    return permission(VideoPermission.CAN_SUBSCRIBE, value);
  }

  /** Whether data may be published; unsaid, the server follows {@link #canPublish}. */
  public final T canPublishData(boolean value) {
    return permission(VideoPermission.CAN_PUBLISH_DATA, value);
  }

  /**
   * Whether the participant may change its own name, metadata and attributes; unsaid, the server
   * forbids it. With it, what the token says in them is no longer to be trusted.
   */
  public final T canUpdateOwnMetadata(boolean value) {
    return permission(VideoPermission.CAN_UPDATE_OWN_METADATA, value);
  }

  /** Whether the server's metrics may be subscribed to; unsaid, the server forbids it. */
  public final T canSubscribeMetrics(boolean value) {
    return permission(VideoPermission.CAN_SUBSCRIBE_METRICS, value);
  }

  /**
   * The only sources that may be published, at least one: to the server an empty list means all of
   * them, so "none" is said by {@code canPublish(false)}, which wins over this.
   */
  public final T canPublishSources(TrackSource... sources) {
    if (sources.length == 0) {
      throw new InvalidInputException(
          "canPublishSources", "at least 1 source; for none, canPublish(false)");
    }
    Set<TrackSource> wanted = EnumSet.copyOf(Arrays.asList(sources));
    return with(spec.withVideo(spec.video().with(wanted)));
  }

  /**
   * What the room shall be like if this join creates it. Recording needs {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}.
   */
  public final T roomConfig(RoomConfig config) {
    return with(spec.with(spec.more().withRoomConfig(config)));
  }

  /** Which of the server's own room presets it shall be like if this join creates it. */
  public final T roomPreset(String preset) {
    return with(spec.with(spec.more().withRoomPreset(preset)));
  }

  /**
   * Be invisible to the others, who are not told of it either. Needs {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}.
   */
  public final T hidden() {
    return permission(VideoPermission.HIDDEN, true);
  }

  /**
   * Moderate the room: mute, remove and change participants. Needs {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}.
   */
  public final T roomAdmin() {
    return permission(VideoPermission.ROOM_ADMIN, true);
  }

  /** Count as a recorder. Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}. */
  public final T recorder() {
    return permission(VideoPermission.RECORDER, true);
  }

  /**
   * Whether it manages the session of an agent; unsaid, the server forbids it. Needs {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}.
   */
  public final T canManageAgentSession(boolean value) {
    return permission(VideoPermission.CAN_MANAGE_AGENT_SESSION, value);
  }
}
