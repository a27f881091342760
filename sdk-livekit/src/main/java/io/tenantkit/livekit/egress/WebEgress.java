package io.tenantkit.livekit.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.SecretUrl;
import java.util.List;
import java.util.Objects;

/**
 * Any page of the web, as a browser beside the server shows it. Immutable.
 *
 * @param page which, {@code https} or {@code http}
 * @param audioOnly whether it is sound alone
 * @param videoOnly whether it is pictures alone
 * @param awaitStartSignal whether it begins when the page says so in its console
 * @param delivery where it goes
 */
public record WebEgress(
    SecretUrl page,
    boolean audioOnly,
    boolean videoOnly,
    boolean awaitStartSignal,
    EgressDelivery delivery)
    implements NewEgress {
  /** Checks the bounds. */
  public WebEgress {
    Objects.requireNonNull(page, "page").require("page", "https", "http");
    Objects.requireNonNull(delivery, "delivery");
    if (audioOnly && videoOnly) {
      throw new InvalidInputException("audioOnly", "not with videoOnly");
    }
  }

  /** A page, with sound and pictures. */
  public static WebEgress of(SecretUrl page) {
    return new WebEgress(page, false, false, false, EgressDelivery.NONE);
  }

  /** As sound alone. */
  public WebEgress withAudioOnly() {
    return new WebEgress(page, true, false, awaitStartSignal, delivery);
  }

  /** As pictures alone. */
  public WebEgress withVideoOnly() {
    return new WebEgress(page, false, true, awaitStartSignal, delivery);
  }

  /** From when the page says {@code START_RECORDING} in its console. */
  public WebEgress awaitingStartSignal() {
    return new WebEgress(page, audioOnly, videoOnly, true, delivery);
  }

  /** Also to these. */
  public WebEgress to(EgressOutput... outputs) {
    return with(delivery.to(List.of(outputs)));
  }

  /** Encoded so. */
  public WebEgress encoded(EgressEncoding wanted) {
    return with(delivery.encoded(wanted));
  }

  /** With these being told of it. */
  public WebEgress telling(EgressWebhook... webhooks) {
    return with(delivery.telling(List.of(webhooks)));
  }

  private WebEgress with(EgressDelivery changed) {
    return new WebEgress(page, audioOnly, videoOnly, awaitStartSignal, changed);
  }
}
