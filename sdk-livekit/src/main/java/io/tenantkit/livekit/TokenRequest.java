package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;

/**
 * A wish for a token. Every bound is checked when it is set, by an {@link InvalidInputException}
 * that names the property and the bound.
 *
 * <p>Texts are bounded in bytes of UTF-8, as LiveKit's server counts them. Room and identity appear
 * in logs everywhere, so they should be ids of the host's, not people's names or addresses.
 *
 * <p>Immutable: each method answers with a changed copy.
 *
 * @param <T> the kind of request, so that a chain of calls keeps its type
 */
public abstract sealed class TokenRequest<T extends TokenRequest<T>> permits JoinToken, ApiToken {

  /** The longest room name, identity, display name or attribute name: 256 bytes. */
  public static final int MAX_NAME_BYTES = 256;

  /** The longest metadata: 512 KiB (524,288 bytes). */
  public static final int MAX_METADATA_BYTES = 524_288;

  /** The most that the names and values of all attributes together may take: 64 KiB. */
  public static final int MAX_ATTRIBUTES_BYTES = 65_536;

  /** The most attributes. */
  public static final int MAX_ATTRIBUTES = 256;

  /**
   * How long a token is good unless the request or a {@link TokenPolicy} says otherwise: 1 hour.
   */
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

  /** The room; empty when it names none. */
  public final String room() {
    return spec.room();
  }

  /** The identity. */
  public final String identity() {
    return spec.identity();
  }

  /**
   * How long the token can be used: 1 second to 24 hours, a fraction of a second is dropped. It
   * does not end a session: the server hands those who are in the room fresh tokens.
   */
  public final T ttl(Duration ttl) {
    return with(spec.withTtl(ttl));
  }

  final T permission(VideoPermission permission, boolean value) {
    return with(spec.withVideo(spec.video().with(permission, value)));
  }

  /** Kind, room and identity; not the metadata or attributes, which may be personal. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + spec.identity() + " in " + spec.room() + "]";
  }
}
