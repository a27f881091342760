package io.tenantkit.livekit.room;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.VideoPermission;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What shall be otherwise of a participant; what is not said stays. Immutable.
 *
 * @param name another name, at most 256 bytes
 * @param metadata another text, at most 512 KiB
 * @param attributes attributes to set; an empty text takes one away
 * @param permissions all that it may do from now on, of {@code CAN_PUBLISH}, {@code CAN_SUBSCRIBE},
 *     {@code CAN_PUBLISH_DATA}, {@code CAN_UPDATE_OWN_METADATA}, {@code CAN_SUBSCRIBE_METRICS} and
 *     {@code HIDDEN}; what is not in the set is taken away
 */
public record ParticipantChange(
    Optional<String> name,
    Optional<String> metadata,
    Map<String, String> attributes,
    Optional<Set<VideoPermission>> permissions) {
  private static final Set<VideoPermission> KNOWN =
      Collections.unmodifiableSet(
          EnumSet.of(
              VideoPermission.CAN_PUBLISH,
              VideoPermission.CAN_SUBSCRIBE,
              VideoPermission.CAN_PUBLISH_DATA,
              VideoPermission.CAN_UPDATE_OWN_METADATA,
              VideoPermission.CAN_SUBSCRIBE_METRICS,
              VideoPermission.HIDDEN));

  /** Checks the bounds and copies the collections. */
  public ParticipantChange {
    name.ifPresent(text -> RoomTexts.data("name", text, RoomTexts.MAX_NAME));
    metadata.ifPresent(text -> RoomTexts.data("metadata", text, RoomTexts.MAX_METADATA));
    attributes.forEach(
        (key, text) -> {
          RoomTexts.name("attributes", key);
          RoomTexts.data("attributes", text, RoomTexts.MAX_ATTRIBUTES);
        });
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    permissions = permissions.map(ParticipantChange::checked);
  }

  private static Set<VideoPermission> checked(Set<VideoPermission> all) {
    EnumSet<VideoPermission> ordered = EnumSet.noneOf(VideoPermission.class);
    ordered.addAll(all);
    if (!KNOWN.containsAll(ordered)) {
      throw new InvalidInputException("permissions", "of " + KNOWN);
    }
    return Collections.unmodifiableSet(ordered);
  }

  /** Nothing, to begin with. */
  public static ParticipantChange none() {
    return new ParticipantChange(Optional.empty(), Optional.empty(), Map.of(), Optional.empty());
  }

  /** With another name to display. */
  public ParticipantChange name(String text) {
    return new ParticipantChange(Optional.of(text), metadata, attributes, permissions);
  }

  /** With another text for the others. */
  public ParticipantChange metadata(String text) {
    return new ParticipantChange(name, Optional.of(text), attributes, permissions);
  }

  /** With these attributes set; an empty text takes one away. */
  public ParticipantChange attributes(Map<String, String> set) {
    return new ParticipantChange(name, metadata, set, permissions);
  }

  /** With these permissions and no other. */
  public ParticipantChange permissions(Collection<VideoPermission> all) {
    EnumSet<VideoPermission> set = EnumSet.noneOf(VideoPermission.class);
    set.addAll(all);
    return new ParticipantChange(name, metadata, attributes, Optional.of(set));
  }

  /** Which are said; not the texts, which may be personal. */
  @Override
  public String toString() {
    return "ParticipantChange[attributes=" + attributes.keySet() + "]";
  }
}
