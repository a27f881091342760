package io.tenantkit.livekit.spi;

import io.tenantkit.livekit.ApiToken;
import io.tenantkit.vault.Purpose;
import java.util.Objects;

/**
 * One call of LiveKit's server API (Twirp over HTTP, with JSON).
 *
 * @param service as {@code RoomService}
 * @param method as {@code CreateRoom}
 * @param token what it needs to be granted, and no more
 * @param json the request
 * @param purpose what the audit trail says of it, before the credentials are used
 */
public record ServerCall(
    String service, String method, ApiToken token, String json, Purpose purpose) {
  /** Checks that all is there. */
  public ServerCall {
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(json, "json");
    Objects.requireNonNull(purpose, "purpose");
  }

  /** Service and method. */
  @Override
  public String toString() {
    return service + "." + method;
  }
}
