package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.spi.RequestTexts;
import java.util.List;
import java.util.Objects;

/**
 * A participant's sound and picture. Immutable.
 *
 * @param room where, 1 to 256 bytes
 * @param identity who, 1 to 256 bytes
 * @param screenShare whether it is the screen, and not the camera
 * @param delivery where it goes
 */
public record ParticipantEgress(
    String room, String identity, boolean screenShare, EgressDelivery delivery)
    implements NewEgress {
  /** Checks the bounds. */
  public ParticipantEgress {
    RequestTexts.name("room", room, 256);
    RequestTexts.name("identity", identity, 256);
    Objects.requireNonNull(delivery, "delivery");
  }

  /** Somebody's microphone and camera. */
  public static ParticipantEgress of(String room, String identity) {
    return new ParticipantEgress(room, identity, false, EgressDelivery.NONE);
  }

  /** The screen instead of the camera. */
  public ParticipantEgress withScreenShare() {
    return new ParticipantEgress(room, identity, true, delivery);
  }

  /** Also to these. */
  public ParticipantEgress to(EgressOutput... outputs) {
    return with(delivery.to(List.of(outputs)));
  }

  /** Encoded so. */
  public ParticipantEgress encoded(EgressEncoding wanted) {
    return with(delivery.encoded(wanted));
  }

  /** With these being told of it. */
  public ParticipantEgress telling(EgressWebhook... webhooks) {
    return with(delivery.telling(List.of(webhooks)));
  }

  private ParticipantEgress with(EgressDelivery changed) {
    return new ParticipantEgress(room, identity, screenShare, changed);
  }
}
