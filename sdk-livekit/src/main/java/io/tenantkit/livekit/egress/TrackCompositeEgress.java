package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One track of sound and one of pictures together. Immutable.
 *
 * @param room where, 1 to 256 bytes
 * @param audioTrack the server's id of the sound
 * @param videoTrack the server's id of the pictures; one of the two may be left out
 * @param delivery where they go
 */
public record TrackCompositeEgress(
    String room, Optional<String> audioTrack, Optional<String> videoTrack, EgressDelivery delivery)
    implements NewEgress {
  /** Checks the bounds. */
  public TrackCompositeEgress {
    RequestTexts.name("room", room, 256);
    RequestTexts.name("audioTrack", audioTrack, 256);
    RequestTexts.name("videoTrack", videoTrack, 256);
    Objects.requireNonNull(delivery, "delivery");
    if (audioTrack.isEmpty() && videoTrack.isEmpty()) {
      throw new InvalidInputException("audioTrack", "it or videoTrack");
    }
  }

  /** Both. */
  public static TrackCompositeEgress of(String room, String audioTrack, String videoTrack) {
    return new TrackCompositeEgress(
        room, Optional.of(audioTrack), Optional.of(videoTrack), EgressDelivery.NONE);
  }

  /** Sound alone. */
  public static TrackCompositeEgress audio(String room, String audioTrack) {
    return new TrackCompositeEgress(
        room, Optional.of(audioTrack), Optional.empty(), EgressDelivery.NONE);
  }

  /** Pictures alone. */
  public static TrackCompositeEgress video(String room, String videoTrack) {
    return new TrackCompositeEgress(
        room, Optional.empty(), Optional.of(videoTrack), EgressDelivery.NONE);
  }

  /** Also to these. */
  public TrackCompositeEgress to(EgressOutput... outputs) {
    return with(delivery.to(List.of(outputs)));
  }

  /** Encoded so. */
  public TrackCompositeEgress encoded(EgressEncoding wanted) {
    return with(delivery.encoded(wanted));
  }

  /** With these being told of it. */
  public TrackCompositeEgress telling(EgressWebhook... webhooks) {
    return with(delivery.telling(List.of(webhooks)));
  }

  private TrackCompositeEgress with(EgressDelivery changed) {
    return new TrackCompositeEgress(room, audioTrack, videoTrack, changed);
  }
}
