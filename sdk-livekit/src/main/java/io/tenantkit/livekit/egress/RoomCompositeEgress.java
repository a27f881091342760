package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A room as one picture and sound. Immutable.
 *
 * @param room which, 1 to 256 bytes
 * @param layout one of LiveKit's, as {@code speaker} or {@code grid}, or of the page's own, 1 to
 *     256 bytes; the server's default when empty
 * @param audioOnly whether it is sound alone
 * @param videoOnly whether it is pictures alone
 * @param mixing which sound goes to which channel
 * @param page a page of one's own that shows the room, {@code https} or {@code http}; LiveKit's
 *     when empty
 * @param delivery where it goes
 */
public record RoomCompositeEgress(
    String room,
    Optional<String> layout,
    boolean audioOnly,
    boolean videoOnly,
    AudioMixing mixing,
    Optional<SecretUrl> page,
    EgressDelivery delivery)
    implements NewEgress {

  /** Which sound goes to which channel. */
  public enum AudioMixing {
    /** All to both. */
    DEFAULT_MIXING,
    /** Agents to the left, others to the right. */
    DUAL_CHANNEL_AGENT,
    /** Each participant to the other channel than the one before. */
    DUAL_CHANNEL_ALTERNATE
  }

  /** Checks the bounds. */
  public RoomCompositeEgress {
    RequestTexts.name("room", room, 256);
    RequestTexts.name("layout", layout, 256);
    Objects.requireNonNull(mixing, "mixing");
    page.ifPresent(url -> url.require("page", "https", "http"));
    Objects.requireNonNull(delivery, "delivery");
    if (audioOnly && videoOnly) {
      throw new InvalidInputException("audioOnly", "not with videoOnly");
    }
  }

  /** A room, with sound and pictures. */
  public static RoomCompositeEgress of(String room) {
    return new RoomCompositeEgress(
        room,
        Optional.empty(),
        false,
        false,
        AudioMixing.DEFAULT_MIXING,
        Optional.empty(),
        EgressDelivery.NONE);
  }

  /** In this layout. */
  public RoomCompositeEgress layout(String wanted) {
    return new RoomCompositeEgress(
        room, Optional.of(wanted), audioOnly, videoOnly, mixing, page, delivery);
  }

  /** As sound alone. */
  public RoomCompositeEgress withAudioOnly() {
    return new RoomCompositeEgress(room, layout, true, false, mixing, page, delivery);
  }

  /** As pictures alone. */
  public RoomCompositeEgress withVideoOnly() {
    return new RoomCompositeEgress(room, layout, false, true, mixing, page, delivery);
  }

  /** With another mixing. */
  public RoomCompositeEgress mixing(AudioMixing wanted) {
    return new RoomCompositeEgress(room, layout, audioOnly, videoOnly, wanted, page, delivery);
  }

  /** As a page of one's own shows it. */
  public RoomCompositeEgress page(SecretUrl url) {
    return new RoomCompositeEgress(
        room, layout, audioOnly, videoOnly, mixing, Optional.of(url), delivery);
  }

  /** Also to these. */
  public RoomCompositeEgress to(EgressOutput... outputs) {
    return with(delivery.to(List.of(outputs)));
  }

  /** Encoded so. */
  public RoomCompositeEgress encoded(EgressEncoding wanted) {
    return with(delivery.encoded(wanted));
  }

  /** With these being told of it. */
  public RoomCompositeEgress telling(EgressWebhook... webhooks) {
    return with(delivery.telling(List.of(webhooks)));
  }

  private RoomCompositeEgress with(EgressDelivery changed) {
    return new RoomCompositeEgress(room, layout, audioOnly, videoOnly, mixing, page, changed);
  }
}
