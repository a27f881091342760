package io.tenantkit.vault.webhook;

import io.tenantkit.InvalidInputException;

/**
 * The id of an endpoint: made by the library, never changes and is never used again.
 *
 * @param value 1 to 64 printable ASCII characters
 */
public record WebhookId(String value) {
  public WebhookId {
    if (value.isEmpty()
        || value.length() > 64
        || value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException(
          "webhookId", "1 to 64 printable ASCII characters without spaces");
    }
  }

  /** The id's text. */
  @Override
  public String toString() {
    return value;
  }
}
