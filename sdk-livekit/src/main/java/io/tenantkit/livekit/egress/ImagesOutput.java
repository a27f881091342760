package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.RoomEgress;
import io.tenantkit.livekit.spi.RequestTexts;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Still pictures (JPEG) at an interval, in a storage. Immutable.
 *
 * @param prefix what their names begin with, 1 to 1,024 bytes
 * @param interval how far apart, 1 second to 1 hour
 * @param width in pixels, 16 to 7,680; as the pictures have it when 0
 * @param height likewise
 * @param suffix what their names end with
 * @param manifest whether a file that describes them is written beside them
 * @param storage which; the one that the server is configured with when empty
 */
public record ImagesOutput(
    String prefix,
    Duration interval,
    int width,
    int height,
    Suffix suffix,
    boolean manifest,
    Optional<EgressStorage> storage)
    implements EgressOutput {
  private static final Duration LONGEST = Duration.ofHours(1);

  /** What names of pictures end with. */
  public enum Suffix {
    /** A number. */
    INDEX,
    /** The time. */
    TIMESTAMP,
    /** Nothing: each picture takes the place of the one before. */
    NONE_OVERWRITE
  }

  /** Checks the bounds. */
  public ImagesOutput {
    RequestTexts.name("prefix", prefix, RoomEgress.MAX_PATH_BYTES);
    if (interval.toSeconds() < 1
        || interval.compareTo(LONGEST) > 0
        || interval.toNanosPart() != 0) {
      throw new InvalidInputException("interval", "1 to 3600 whole seconds");
    }
    EncodingOptions.requireSide("width", width);
    EncodingOptions.requireSide("height", height);
    Objects.requireNonNull(suffix, "suffix");
    Objects.requireNonNull(storage, "storage");
  }

  /** Numbered pictures. */
  public static ImagesOutput of(String prefix, Duration interval) {
    return new ImagesOutput(prefix, interval, 0, 0, Suffix.INDEX, true, Optional.empty());
  }

  /** Of this size. */
  public ImagesOutput size(int wide, int high) {
    return new ImagesOutput(prefix, interval, wide, high, suffix, manifest, storage);
  }

  /** Named so. */
  public ImagesOutput suffix(Suffix wanted) {
    return new ImagesOutput(prefix, interval, width, height, wanted, manifest, storage);
  }

  /** In a storage of the tenant's own. */
  public ImagesOutput in(EgressStorage wanted) {
    return new ImagesOutput(prefix, interval, width, height, suffix, manifest, Optional.of(wanted));
  }

  /** Without the file that describes them. */
  public ImagesOutput withoutManifest() {
    return new ImagesOutput(prefix, interval, width, height, suffix, false, storage);
  }
}
