package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.spi.RequestTexts;
import java.util.Objects;

/**
 * Who is told of one egress beside the server's own webhooks. Immutable.
 *
 * @param url where to, {@code https} or {@code http}
 * @param signingKey the id of the server's API key that signs, 1 to 256 bytes; not its secret
 */
public record EgressWebhook(SecretUrl url, String signingKey) {
  /** Checks the bounds. */
  public EgressWebhook {
    Objects.requireNonNull(url, "url").require("webhooks", "https", "http");
    RequestTexts.name("signingKey", signingKey, 256);
  }
}
