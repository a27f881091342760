package io.tenantkit.livekit.ingress;

import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.secret.SecretValue;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An ingress as its server tells, with its stream key until it is closed.
 *
 * @param id the server's id
 * @param name for people, may be empty
 * @param input how media come
 * @param url where an encoder sends to, or from where the server fetches; the stream key, which an
 *     encoder adds, is not in it
 * @param streamKey who has it publishes; none where the server fetches
 * @param room into which
 * @param identity as whom
 * @param participantName to display, may be empty
 * @param participantMetadata text for the others, may be empty
 * @param reusable whether it can be connected to again
 * @param enabled whether encoders may connect
 * @param state how it goes
 */
public record IngressInfo(
    String id,
    String name,
    IngressInput input,
    Optional<SecretUrl> url,
    Optional<SecretValue> streamKey,
    String room,
    String identity,
    String participantName,
    String participantMetadata,
    boolean reusable,
    boolean enabled,
    State state)
    implements AutoCloseable {

  /** How far an ingress came. */
  public enum Status {
    /** Nobody sends. */
    INACTIVE,
    /** Somebody sends, and it is being decoded. */
    BUFFERING,
    /** It is in the room. */
    PUBLISHING,
    /** It failed; {@link State#error} says why. */
    ERROR,
    /** What was fetched came to its end. */
    COMPLETE,
    /** What a later server says and this library does not know. */
    UNKNOWN
  }

  /**
   * How an ingress goes.
   *
   * @param status how far it came
   * @param error what is wrong, in the server's words; may be empty
   * @param roomSid the server's id of the room it was last in, may be empty
   * @param startedAt since when
   * @param endedAt until when
   * @param trackSids what it publishes
   */
  public record State(
      Status status,
      String error,
      String roomSid,
      Optional<Instant> startedAt,
      Optional<Instant> endedAt,
      List<String> trackSids) {
    /** Copies the list. */
    public State {
      Objects.requireNonNull(status, "status");
      Objects.requireNonNull(error, "error");
      Objects.requireNonNull(roomSid, "roomSid");
      Objects.requireNonNull(startedAt, "startedAt");
      Objects.requireNonNull(endedAt, "endedAt");
      trackSids = List.copyOf(trackSids);
    }

    /** How far it came; not the error, which may quote a URL. */
    @Override
    public String toString() {
      return status.toString();
    }
  }

  /** Checks that all is there. */
  public IngressInfo {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(streamKey, "streamKey");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(participantName, "participantName");
    Objects.requireNonNull(participantMetadata, "participantMetadata");
    Objects.requireNonNull(state, "state");
  }

  /** Wipes the key and the URL. */
  @Override
  public void close() {
    url.ifPresent(SecretUrl::close);
    streamKey.ifPresent(SecretValue::close);
  }

  /** Id, input, room and state; neither key nor URL. */
  @Override
  public String toString() {
    return "IngressInfo[" + id + ", " + input + ", " + room + ", " + state + "]";
  }
}
