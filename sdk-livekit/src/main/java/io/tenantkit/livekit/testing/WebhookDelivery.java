package io.tenantkit.livekit.testing;

import java.net.URI;
import java.util.Objects;

/**
 * How a webhook fared.
 *
 * @param webhook what was sent
 * @param url where to
 * @param status the last answer's; 0 when there was none
 * @param attempts how often it was sent
 */
public record WebhookDelivery(FakeWebhook webhook, URI url, int status, int attempts) {
  /** Checks that all is there. */
  public WebhookDelivery {
    Objects.requireNonNull(webhook, "webhook");
    Objects.requireNonNull(url, "url");
  }

  /** Whether the receiver said yes. */
  public boolean isDelivered() {
    return status >= 200 && status < 300;
  }
}
