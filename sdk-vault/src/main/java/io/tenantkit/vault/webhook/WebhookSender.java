package io.tenantkit.vault.webhook;

import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressFailure;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.EgressResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Sends one message once. Safe for use by several threads; blocks. */
final class WebhookSender {
  /** Of a row that was changed without the secret, or of a change that did not come to its end. */
  static final String OTHER_URL = "the URL is not the one that the secret was made for";

  private static final int GONE = 410;
  private static final Duration LONGEST_WISH = Duration.ofHours(1);

  private final Egress egress;
  private final Duration timeout;

  /**
   * What came of it.
   *
   * @param failure why it did not arrive, in our own words; empty when it did
   * @param wish how long the receiver wishes to be left alone
   * @param gone whether the receiver wants no message ever again
   * @param ours whether it was not sent for a reason that is not the receiver's
   */
  record Outcome(String failure, Duration wish, boolean gone, boolean ours) {
    static Outcome failed(String failure) {
      return new Outcome(failure, Duration.ZERO, false, false);
    }

    static Outcome ours(String failure) {
      return new Outcome(failure, Duration.ZERO, false, true);
    }

    boolean arrived() {
      return failure.isEmpty();
    }
  }

  WebhookSender(Egress egress, Duration timeout) {
    this.egress = egress;
    this.timeout = timeout;
  }

  Outcome send(
      WebhookEndpoint endpoint, WebhookSecrets.Keys keys, WebhookMessage message, Instant now) {
    if (!keys.areFor(endpoint.url())) {
      return Outcome.ours(OTHER_URL);
    }
    byte[] payload = message.bytes();
    long seconds = now.getEpochSecond();
    try {
      EgressRequest request =
          EgressRequest.post(endpoint.url())
              .header(WebhookSignature.ID, message.id())
              .header(WebhookSignature.TIMESTAMP, Long.toString(seconds))
              .header(WebhookSignature.SIGNATURE, keys.sign(endpoint, message.id(), now, payload))
              .body(payload, "application/json")
              .timeout(timeout)
              .onBehalfOf(endpoint.organization().value())
              .maxAnswerBytes(0)
              .build();
      return outcome(egress.send(request));
    } catch (EgressException e) {
      String failure = e.failure().name().toLowerCase(Locale.ROOT);
      return e.failure() == EgressFailure.BUSY ? Outcome.ours(failure) : Outcome.failed(failure);
    }
  }

  private static Outcome outcome(EgressResponse answer) {
    if (answer.isSuccess()) {
      return new Outcome("", Duration.ZERO, false, false);
    }
    return new Outcome("HTTP " + answer.status(), wait(answer), answer.status() == GONE, false);
  }

  private static Duration wait(EgressResponse answer) {
    String seconds = answer.header("retry-after").orElse("");
    if (!seconds.matches("[0-9]{1,6}")) {
      return Duration.ZERO;
    }
    Duration wish = Duration.ofSeconds(Long.parseLong(seconds));
    return wish.compareTo(LONGEST_WISH) > 0 ? LONGEST_WISH : wish;
  }
}
