package io.tenantkit.livekit.egress;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An egress as its server tells. The request that began it, which may have a storage's credentials
 * in it, is not here. Immutable.
 *
 * @param id the server's id
 * @param room the room's name; empty when a page is recorded
 * @param roomSid the server's id of the room
 * @param status how far it came
 * @param startedAt since when
 * @param endedAt until when
 * @param updatedAt when it changed
 * @param error why it failed, in the server's words; empty when it did not
 * @param errorCode the server's number for that, 0 for none
 * @param files what was or will be written
 * @param segments the same of playlists
 * @param images the same of pictures
 * @param streams where to it streams or did
 * @param manifest where the file is that describes it, if there is one
 * @param backupStorage whether the server's second storage had to be used
 */
public record EgressInfo(
    String id,
    String room,
    String roomSid,
    Status status,
    Optional<Instant> startedAt,
    Optional<Instant> endedAt,
    Optional<Instant> updatedAt,
    String error,
    int errorCode,
    List<WrittenFile> files,
    List<WrittenSegments> segments,
    List<WrittenImages> images,
    List<Stream> streams,
    Optional<String> manifest,
    boolean backupStorage) {

  /** How far an egress came. */
  public enum Status {
    /** Asked for. */
    STARTING,
    /** At work. */
    ACTIVE,
    /** Ended; what it wrote is being stored. */
    ENDING,
    /** Done. */
    COMPLETE,
    /** Failed; {@link EgressInfo#error} says why. */
    FAILED,
    /** Ended before it began. */
    ABORTED,
    /** Ended by a limit of the server; what it wrote so far is stored. */
    LIMIT_REACHED,
    /** What a later server says and this library does not know. */
    UNKNOWN;

    /** Whether it has come to its end. */
    public boolean isFinal() {
      return this == COMPLETE || this == FAILED || this == ABORTED || this == LIMIT_REACHED;
    }
  }

  /**
   * A file.
   *
   * @param name its name
   * @param location where it is, as the storage has it
   * @param size in bytes
   * @param duration how long
   */
  public record WrittenFile(String name, String location, long size, Duration duration) {
    /** Checks that all is there. */
    public WrittenFile {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(location, "location");
      Objects.requireNonNull(duration, "duration");
    }
  }

  /**
   * A playlist and its segments.
   *
   * @param playlist its name
   * @param location where it is, as the storage has it
   * @param liveLocation where the playlist of the latest segments is; may be empty
   * @param count how many segments
   * @param size in bytes
   * @param duration how long
   */
  public record WrittenSegments(
      String playlist,
      String location,
      String liveLocation,
      long count,
      long size,
      Duration duration) {
    /** Checks that all is there. */
    public WrittenSegments {
      Objects.requireNonNull(playlist, "playlist");
      Objects.requireNonNull(location, "location");
      Objects.requireNonNull(liveLocation, "liveLocation");
      Objects.requireNonNull(duration, "duration");
    }
  }

  /**
   * Pictures.
   *
   * @param prefix what their names begin with
   * @param count how many
   */
  public record WrittenImages(String prefix, long count) {
    /** Checks that all is there. */
    public WrittenImages {
      Objects.requireNonNull(prefix, "prefix");
    }
  }

  /**
   * A stream.
   *
   * @param target scheme and host of where it goes; the rest of the URL may be a key and is left
   *     out
   * @param status how it goes
   * @param startedAt since when
   * @param endedAt until when
   * @param duration how long so far
   * @param error why it failed, in the server's words; empty when it did not
   * @param retries how often the server tried again
   */
  public record Stream(
      String target,
      StreamStatus status,
      Optional<Instant> startedAt,
      Optional<Instant> endedAt,
      Duration duration,
      String error,
      int retries) {
    /** Checks that all is there. */
    public Stream {
      Objects.requireNonNull(target, "target");
      Objects.requireNonNull(status, "status");
      Objects.requireNonNull(startedAt, "startedAt");
      Objects.requireNonNull(endedAt, "endedAt");
      Objects.requireNonNull(duration, "duration");
      Objects.requireNonNull(error, "error");
    }

    /** Where to and how it goes; not the error, which may quote the URL. */
    @Override
    public String toString() {
      return "Stream[" + target + ", " + status + "]";
    }
  }

  /** How a stream goes. */
  public enum StreamStatus {
    /** It goes. */
    ACTIVE,
    /** It ended. */
    FINISHED,
    /** It failed. */
    FAILED,
    /** What a later server says and this library does not know. */
    UNKNOWN
  }

  /** Copies the lists. */
  public EgressInfo {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(roomSid, "roomSid");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(endedAt, "endedAt");
    Objects.requireNonNull(updatedAt, "updatedAt");
    Objects.requireNonNull(error, "error");
    files = List.copyOf(files);
    segments = List.copyOf(segments);
    images = List.copyOf(images);
    streams = List.copyOf(streams);
    Objects.requireNonNull(manifest, "manifest");
  }

  /** Id, room and status; not the error, which may quote a URL. */
  @Override
  public String toString() {
    return "EgressInfo[" + id + ", " + room + ", " + status + "]";
  }
}
