package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * A wish for a token that joins one room under one identity. Every bound is checked when it is set,
 * by an {@link InvalidInputException} that names the property and the bound.
 *
 * <p>Texts are bounded in bytes of UTF-8, as LiveKit's server counts them. Room and identity appear
 * in logs everywhere, so they should be ids of the host's, not people's names or addresses.
 *
 * <p>Immutable: each method answers with a changed copy.
 *
 * @param <T> the kind of request, so that a chain of calls keeps its type
 */
public abstract sealed class TokenRequest<T extends TokenRequest<T>>
    permits ParticipantToken, AgentToken {

  /** The longest room name, identity, display name or attribute name: 256 bytes. */
  public static final int MAX_NAME_BYTES = 256;

  /** The longest metadata: 512 KiB (524,288 bytes). */
  public static final int MAX_METADATA_BYTES = 524_288;

  /** The most that the names and values of all attributes together may take: 64 KiB. */
  public static final int MAX_ATTRIBUTES_BYTES = 65_536;

  /** The most attributes. */
  public static final int MAX_ATTRIBUTES = 256;

  /** How long a token is good for joining unless the request says otherwise: 1 hour. */
  public static final Duration DEFAULT_TTL = Duration.ofHours(1);

  /** The shortest time to live: 1 second. */
  public static final Duration MIN_TTL = Duration.ofSeconds(1);

  /** The longest time to live: 24 hours. */
  public static final Duration MAX_TTL = Duration.ofHours(24);

  final TokenSpec spec;

  TokenRequest(TokenSpec spec) {
    this.spec = spec;
  }

  abstract T with(TokenSpec changed);

  /** The room. */
  public final String room() {
    return spec.room();
  }

  /** The identity. */
  public final String identity() {
    return spec.identity();
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

  /**
   * How long the token can be used to join: 1 second to 24 hours, a fraction of a second is
   * dropped. It does not end a session: the server hands those who are in the room fresh tokens.
   */
  public final T ttl(Duration ttl) {
    return with(spec.withTtl(ttl));
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

  private T permission(VideoPermission permission, boolean value) {
    return with(spec.withVideo(spec.video().with(permission, value)));
  }

  /** Kind, room and identity; not the metadata or attributes, which may be personal. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + spec.identity() + " in " + spec.room() + "]";
  }
}
