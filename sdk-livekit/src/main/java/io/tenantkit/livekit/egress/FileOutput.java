package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.RoomEgress;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Objects;
import java.util.Optional;

/**
 * A file in a storage. Immutable.
 *
 * @param type its type; of a single track the track's own counts
 * @param filepath where in the storage, 1 to 1,024 bytes; LiveKit's placeholders as {@code
 *     {room_name}} hold
 * @param manifest whether a file that describes it is written beside it
 * @param storage which; the one that the server is configured with when empty
 */
public record FileOutput(
    Type type, String filepath, boolean manifest, Optional<EgressStorage> storage)
    implements EgressOutput, TrackOutput {

  /** Types of files. */
  public enum Type {
    /** As it fits the codecs. */
    DEFAULT_FILETYPE,
    /** MP4. */
    MP4,
    /** Ogg, for sound. */
    OGG,
    /** MP3, for sound. */
    MP3
  }

  /** Checks the bounds. */
  public FileOutput {
    Objects.requireNonNull(type, "type");
    RequestTexts.name("filepath", filepath, RoomEgress.MAX_PATH_BYTES);
    Objects.requireNonNull(storage, "storage");
  }

  /** A file of the type that fits the codecs. */
  public static FileOutput of(String filepath) {
    return new FileOutput(Type.DEFAULT_FILETYPE, filepath, true, Optional.empty());
  }

  /** An MP4 file. */
  public static FileOutput mp4(String filepath) {
    return new FileOutput(Type.MP4, filepath, true, Optional.empty());
  }

  /** An Ogg file. */
  public static FileOutput ogg(String filepath) {
    return new FileOutput(Type.OGG, filepath, true, Optional.empty());
  }

  /** An MP3 file. */
  public static FileOutput mp3(String filepath) {
    return new FileOutput(Type.MP3, filepath, true, Optional.empty());
  }

  /** In a storage of the tenant's own. */
  public FileOutput in(EgressStorage wanted) {
    return new FileOutput(type, filepath, manifest, Optional.of(wanted));
  }

  /** Without the file that describes it. */
  public FileOutput withoutManifest() {
    return new FileOutput(type, filepath, false, storage);
  }
}
