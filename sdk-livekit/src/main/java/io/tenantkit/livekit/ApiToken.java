package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;

/**
 * A wish for a token that calls the server's API and joins nothing, for the tenant's own programs
 * with LiveKit's own clients. It needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN} when it is
 * issued: some of its grants reach all rooms of the server.
 *
 * <pre>{@code
 * ApiToken.of("nightly-report").grant(VideoPermission.ROOM_LIST).ttl(Duration.ofMinutes(1))
 * }</pre>
 */
public final class ApiToken extends TokenRequest<ApiToken> {
  private ApiToken(TokenSpec spec) {
    super(spec);
  }

  /**
   * A token with no grant yet and no room.
   *
   * @param identity who calls, 1 to 256 bytes
   */
  public static ApiToken of(String identity) {
    return new ApiToken(TokenSpec.api("", identity));
  }

  /**
   * A token for one room, which {@link VideoPermission#ROOM_ADMIN} then holds for.
   *
   * @param room 1 to 256 bytes
   */
  public static ApiToken inRoom(String room, String identity) {
    BoundedText.requireName("room", room, MAX_NAME_BYTES);
    return new ApiToken(TokenSpec.api(room, identity));
  }

  /**
   * Adds grants of the {@code video} claim.
   *
   * @throws io.tenantkit.InvalidInputException for {@link VideoPermission#ROOM_JOIN} and {@link
   *     VideoPermission#AGENT}, which other requests are for
   */
  public ApiToken grant(VideoPermission... permissions) {
    ApiToken token = this;
    for (VideoPermission permission : permissions) {
      if (permission == VideoPermission.ROOM_JOIN || permission == VideoPermission.AGENT) {
        throw new InvalidInputException(
            "grant", "neither ROOM_JOIN nor AGENT; see ParticipantToken and AgentToken");
      }
      token = token.permission(permission, true);
    }
    return token;
  }

  /** Adds grants outside of the {@code video} claim. */
  public ApiToken grant(ServiceGrant... grants) {
    ServerClaims more = spec.more();
    for (ServiceGrant grant : grants) {
      more = more.with(grant);
    }
    return with(spec.with(more));
  }

  /** The room that participants may be forwarded or moved to, 1 to 256 bytes. */
  public ApiToken destinationRoom(String room) {
    BoundedText.requireName("destinationRoom", room, MAX_NAME_BYTES);
    return with(spec.withVideo(spec.video().toRoom(room)));
  }

  /** The SHA-256 of the body that the token signs, 32 bytes in Base64. */
  public ApiToken sha256(String hash) {
    return with(spec.with(spec.more().withSha256(hash)));
  }

  @Override
  ApiToken with(TokenSpec changed) {
    return new ApiToken(changed);
  }
}
