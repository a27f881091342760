package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.List;
import java.util.Objects;

/**
 * One track as it is, not encoded again: into a file, or as messages of a WebSocket. Immutable.
 *
 * @param room where, 1 to 256 bytes
 * @param track the server's id
 * @param output where it goes
 * @param webhooks who is told of it beside the server's own webhooks, at most 4
 */
public record TrackEgress(
    String room, String track, TrackOutput output, List<EgressWebhook> webhooks)
    implements NewEgress {
  /** Checks the bounds. */
  public TrackEgress {
    RequestTexts.name("room", room, 256);
    RequestTexts.name("track", track, 256);
    Objects.requireNonNull(output, "output");
    webhooks = EgressDelivery.NONE.telling(webhooks).webhooks();
  }

  /** Into a file, whose type is the track's own. */
  public static TrackEgress toFile(String room, String track, FileOutput file) {
    return new TrackEgress(room, track, file, List.of());
  }

  /** As messages of a WebSocket that the server opens, {@code wss} or {@code ws}. */
  public static TrackEgress toWebSocket(String room, String track, SecretUrl url) {
    return new TrackEgress(room, track, new WebSocketOutput(url), List.of());
  }

  /** With these being told of it. */
  public TrackEgress telling(EgressWebhook... wanted) {
    return new TrackEgress(room, track, output, List.of(wanted));
  }
}
