package io.tenantkit.livekit.room;

import java.util.Objects;

/**
 * What a participant publishes. Immutable.
 *
 * @param sid the server's id
 * @param name its name, may be empty
 * @param type what it is
 * @param source what it shows or sounds like, in the server's words, as {@code CAMERA}
 * @param muted whether it is muted
 */
public record Track(String sid, String name, Type type, String source, boolean muted) {
  /** What a track is. */
  public enum Type {
    /** Sound. */
    AUDIO,
    /** Pictures. */
    VIDEO,
    /** Data, or what this library does not know. */
    DATA
  }

  /** Checks that all is there. */
  public Track {
    Objects.requireNonNull(sid, "sid");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(source, "source");
  }
}
