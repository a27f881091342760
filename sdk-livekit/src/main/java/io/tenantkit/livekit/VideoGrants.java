package io.tenantkit.livekit;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A token's {@code video} claim: what its bearer may do, and in which room. Immutable.
 *
 * @param room the room, if the token names one
 * @param destinationRoom the room that participants may be forwarded or moved to, if it names one
 * @param permissions those that are set to yes or no; the others are absent from the token
 * @param canPublishSources the only sources that may be published; empty when all may
 */
public record VideoGrants(
    Optional<String> room,
    Optional<String> destinationRoom,
    Map<VideoPermission, Boolean> permissions,
    Set<TrackSource> canPublishSources) {

  private static final Map<VideoPermission, Boolean> JOIN =
      Collections.unmodifiableMap(new EnumMap<>(Map.of(VideoPermission.ROOM_JOIN, true)));
  private static final VideoGrants NONE =
      new VideoGrants(Optional.empty(), Optional.empty(), Map.of(), Set.of());

  /** Copies the collections. */
  public VideoGrants {
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(destinationRoom, "destinationRoom");
    permissions = copy(permissions);
    if (canPublishSources.isEmpty()) {
      canPublishSources = Set.of();
    } else {
      canPublishSources = Collections.unmodifiableSet(EnumSet.copyOf(canPublishSources));
    }
  }

  /** Most tokens say nothing but this, so they share it. */
  private static Map<VideoPermission, Boolean> copy(Map<VideoPermission, Boolean> permissions) {
    if (permissions.size() == 1
        && Boolean.TRUE.equals(permissions.get(VideoPermission.ROOM_JOIN))) {
      return JOIN;
    }
    EnumMap<VideoPermission, Boolean> ordered = new EnumMap<>(VideoPermission.class);
    ordered.putAll(permissions);
    return Collections.unmodifiableMap(ordered);
  }

  static VideoGrants none() {
    return NONE;
  }

  static VideoGrants joining(String room) {
    return new VideoGrants(
        room.isEmpty() ? Optional.empty() : Optional.of(room), Optional.empty(), JOIN, Set.of());
  }

  /** In this room; an empty name is none. */
  VideoGrants inRoom(String name) {
    Optional<String> named = name.isEmpty() ? Optional.empty() : Optional.of(name);
    return new VideoGrants(named, destinationRoom, permissions, canPublishSources);
  }

  VideoGrants toRoom(String name) {
    return new VideoGrants(room, Optional.of(name), permissions, canPublishSources);
  }

  /** Whether its bearer joins. */
  boolean isJoin() {
    return Boolean.TRUE.equals(permissions.get(VideoPermission.ROOM_JOIN));
  }

  VideoGrants with(VideoPermission permission, boolean value) {
    EnumMap<VideoPermission, Boolean> changed = new EnumMap<>(VideoPermission.class);
    changed.putAll(permissions);
    changed.put(permission, value);
    return new VideoGrants(room, destinationRoom, changed, canPublishSources);
  }

  VideoGrants with(Set<TrackSource> sources) {
    return new VideoGrants(room, destinationRoom, permissions, sources);
  }

  /**
   * Whether the server would allow it, with its own rules for what the token leaves open:
   * publishing and subscribing are allowed then, data follows publishing, and all else is not
   * allowed.
   */
  public boolean allows(VideoPermission permission) {
    @Nullable Boolean set = permissions.get(permission);
    if (set != null) {
      return set;
    }
    return switch (permission) {
      case CAN_PUBLISH, CAN_SUBSCRIBE -> true;
      case CAN_PUBLISH_DATA -> allows(VideoPermission.CAN_PUBLISH);
      default -> false;
    };
  }
}
