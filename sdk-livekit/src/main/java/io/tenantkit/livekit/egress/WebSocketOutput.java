package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.SecretUrl;
import java.util.Objects;

/**
 * A WebSocket that the server opens and writes a track into. Immutable.
 *
 * @param url {@code wss} or {@code ws}
 */
public record WebSocketOutput(SecretUrl url) implements TrackOutput {
  /** Checks the scheme. */
  public WebSocketOutput {
    Objects.requireNonNull(url, "url").require("url", "wss", "ws");
  }
}
