package io.tenantkit.vault.webhook;

import java.time.Instant;
import java.util.Objects;

/**
 * A message that was tried as often as it is tried and set aside, so that those after it could go
 * on. Immutable.
 *
 * @param endpoint whose it is
 * @param seq the event's number in the audit trail
 * @param messageId the message's id, which a receiver knows repeats by
 * @param type the event's action
 * @param payload what was to be sent, JSON
 * @param attempts how often it was tried
 * @param failedAt when it was last tried
 * @param failure why that failed
 * @param queued whether it waits to be tried again
 */
public record DeadLetter(
    WebhookId endpoint,
    long seq,
    String messageId,
    String type,
    String payload,
    int attempts,
    Instant failedAt,
    String failure,
    boolean queued) {
  public DeadLetter {
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(failedAt, "failedAt");
  }
}
