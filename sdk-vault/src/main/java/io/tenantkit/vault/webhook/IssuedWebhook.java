package io.tenantkit.vault.webhook;

import io.tenantkit.secret.SecretValue;

/**
 * An endpoint with the secret that signs its messages, which is shown this once: give it to the
 * receiver, and close it.
 *
 * @param endpoint the endpoint
 * @param secret {@code whsec_} and base64, as text
 */
public record IssuedWebhook(WebhookEndpoint endpoint, SecretValue secret) implements AutoCloseable {
  /** Wipes the secret. */
  @Override
  public void close() {
    secret.close();
  }
}
