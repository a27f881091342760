package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.RoomEgress;
import io.tenantkit.livekit.spi.RequestTexts;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * HLS: a playlist and its segments in a storage. Immutable.
 *
 * @param prefix what the segments' names begin with, 1 to 1,024 bytes
 * @param playlist the playlist's name, likewise
 * @param livePlaylist the name of a playlist that has only the latest segments, if there shall be
 *     one
 * @param segment how long a segment is, 1 to 60 seconds; the server's default when empty
 * @param timestamps whether segments are named by the time, and not numbered
 * @param manifest whether a file that describes it is written beside it
 * @param storage which; the one that the server is configured with when empty
 */
public record SegmentsOutput(
    String prefix,
    Optional<String> playlist,
    Optional<String> livePlaylist,
    Optional<Duration> segment,
    boolean timestamps,
    boolean manifest,
    Optional<EgressStorage> storage)
    implements EgressOutput {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Checks the bounds. */
  public SegmentsOutput {
    RequestTexts.name("prefix", prefix, RoomEgress.MAX_PATH_BYTES);
    RequestTexts.name("playlist", playlist, RoomEgress.MAX_PATH_BYTES);
    RequestTexts.name("livePlaylist", livePlaylist, RoomEgress.MAX_PATH_BYTES);
    Objects.requireNonNull(storage, "storage");
    if (segment
        .filter(
            time -> time.toSeconds() < 1 || time.compareTo(LONGEST) > 0 || time.toNanosPart() != 0)
        .isPresent()) {
      throw new InvalidInputException("segment", "1 to 60 whole seconds");
    }
  }

  /** Segments and a playlist whose names begin so. */
  public static SegmentsOutput of(String prefix) {
    return new SegmentsOutput(
        prefix,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        true,
        Optional.empty());
  }

  /** With this playlist. */
  public SegmentsOutput playlist(String name) {
    return new SegmentsOutput(
        prefix, Optional.of(name), livePlaylist, segment, timestamps, manifest, storage);
  }

  /** With this playlist of the latest segments as well. */
  public SegmentsOutput livePlaylist(String name) {
    return new SegmentsOutput(
        prefix, playlist, Optional.of(name), segment, timestamps, manifest, storage);
  }

  /** With segments of this length. */
  public SegmentsOutput segment(Duration wanted) {
    return new SegmentsOutput(
        prefix, playlist, livePlaylist, Optional.of(wanted), timestamps, manifest, storage);
  }

  /** With segments named by the time. */
  public SegmentsOutput withTimestamps() {
    return new SegmentsOutput(prefix, playlist, livePlaylist, segment, true, manifest, storage);
  }

  /** In a storage of the tenant's own. */
  public SegmentsOutput in(EgressStorage wanted) {
    return new SegmentsOutput(
        prefix, playlist, livePlaylist, segment, timestamps, manifest, Optional.of(wanted));
  }

  /** Without the file that describes it. */
  public SegmentsOutput withoutManifest() {
    return new SegmentsOutput(prefix, playlist, livePlaylist, segment, timestamps, false, storage);
  }
}
