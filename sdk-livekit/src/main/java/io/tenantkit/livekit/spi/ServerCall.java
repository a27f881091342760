package io.tenantkit.livekit.spi;

import io.tenantkit.livekit.ApiToken;
import io.tenantkit.vault.Purpose;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * One call of LiveKit's server API (Twirp over HTTP).
 *
 * @param service as {@code RoomService}
 * @param method as {@code CreateRoom}
 * @param token what it needs to be granted, and no more
 * @param body the request
 * @param purpose what the audit trail says of it, before the credentials are used
 * @param patience how long to wait where the server answers only when a person has done something;
 *     as long as the way out waits for any answer, when empty
 */
public record ServerCall(
    String service,
    String method,
    ApiToken token,
    CallBody body,
    Purpose purpose,
    Optional<Duration> patience) {
  /** Checks that all is there. */
  public ServerCall {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(body, "body");
    Objects.requireNonNull(purpose, "purpose");
    Objects.requireNonNull(patience, "patience");
  }

  /** One with JSON that is no secret. */
  public ServerCall(String service, String method, ApiToken token, String json, Purpose purpose) {
    this(service, method, token, CallBody.json(json), purpose, Optional.empty());
  }

  /** Service and method. */
  @Override
  public String toString() {
    return service + "." + method;
  }
}
