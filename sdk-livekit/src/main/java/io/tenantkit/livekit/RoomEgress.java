package io.tenantkit.livekit;

import java.util.Objects;
import java.util.Optional;

/**
 * What is recorded of a room from its beginning, into the storage that the server's own egress
 * service is configured with. There is no place for a storage's credentials: a token shows what is
 * in it to whoever holds it, and LiveKit refuses such tokens. Immutable.
 *
 * @param room the room as a whole, if it is recorded
 * @param participants path of a file for each participant, 1 to 1,024 bytes
 * @param tracks path of a file for each track, likewise
 */
public record RoomEgress(
    Optional<Composite> room, Optional<String> participants, Optional<String> tracks) {
  /** The longest path of a file: 1,024 bytes. */
  public static final int MAX_PATH_BYTES = 1_024;

  /**
   * A room as one picture and sound.
   *
   * @param filepath where to, 1 to 1,024 bytes; LiveKit's placeholders as {@code {room_name}} hold
   * @param layout one of LiveKit's, as {@code speaker} or {@code grid}, 1 to 64 bytes; the server's
   *     default when empty
   * @param audioOnly whether it is sound alone
   */
  public record Composite(String filepath, Optional<String> layout, boolean audioOnly) {
    /** Checks the bounds. */
    public Composite {
      requirePath(filepath);
      layout.ifPresent(text -> BoundedText.requireName("layout", text, 64));
    }
  }

  /** Checks the bounds. */
  public RoomEgress {
    Objects.requireNonNull(room, "room");
    participants.ifPresent(RoomEgress::requirePath);
    tracks.ifPresent(RoomEgress::requirePath);
  }

  /** Nothing, to begin with. */
  public static RoomEgress none() {
    return new RoomEgress(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** With the room as a whole, in the server's default layout. */
  public RoomEgress room(String filepath) {
    return room(new Composite(filepath, Optional.empty(), false));
  }

  /** With the room as a whole. */
  public RoomEgress room(Composite composite) {
    return new RoomEgress(Optional.of(composite), participants, tracks);
  }

  /** With a file for each participant. */
  public RoomEgress participants(String filepath) {
    return new RoomEgress(room, Optional.of(filepath), tracks);
  }

  /** With a file for each track. */
  public RoomEgress tracks(String filepath) {
    return new RoomEgress(room, participants, Optional.of(filepath));
  }

  private static void requirePath(String path) {
    BoundedText.requireName("filepath", path, MAX_PATH_BYTES);
  }
}
