package io.tenantkit.livekit.webhook;

import io.tenantkit.http.HttpAnswer;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What became of a request that came to the receiver. Immutable. */
public sealed interface WebhookReceipt {

  /** Why a request was refused. Nothing of the request is in it. */
  enum Reason {
    /** More than {@link LiveKitWebhooks#MAX_BODY_BYTES}; nothing of it was looked at. 413. */
    TOO_LARGE(413),
    /**
     * No token or a malformed one, an unknown key, a wrong signature, another body than was signed,
     * or one that several tenants could have signed: all are answered alike. 401.
     */
    UNTRUSTED(401),
    /** Genuine, but too old, or signed for ever or for too long. 401. */
    EXPIRED(401),
    /** Genuine, but from the future. 401. */
    NOT_YET_VALID(401),
    /** Genuine, but no event. 400. */
    MALFORMED(400),
    /**
     * Too many requests with unknown keys came of late, or more tenants say that the key is theirs
     * than are tried for one request. 503: the server tries again.
     */
    BUSY(503);

    private final int status;

    Reason(int status) {
      this.status = status;
    }
  }

  /** The status to answer with. LiveKit's servers send again after 5xx and 429 alone. */
  int status();

  /** How long the server had better wait before it sends the event again, if it shall. */
  default Optional<Duration> retryAfter() {
    return Optional.empty();
  }

  /** What to answer: the status, without a body. */
  default HttpAnswer answer() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Cache-Control", "no-store");
    retryAfter()
        .ifPresent(
            wait -> headers.put("Retry-After", Long.toString(Math.max(1, wait.toSeconds()))));
    return new HttpAnswer(status(), headers, "");
  }

  /**
   * The event is genuine, and all that is to be done was done. 200.
   *
   * @param organization whose server told it
   * @param environment of that server's credentials
   * @param event what it told
   */
  record Accepted(OrganizationId organization, Environment environment, LiveKitEvent event)
      implements WebhookReceipt {
    /** Checks that all is there. */
    public Accepted {
      Objects.requireNonNull(organization, "organization");
      Objects.requireNonNull(environment, "environment");
      Objects.requireNonNull(event, "event");
    }

    @Override
    public int status() {
      return 200;
    }
  }

  /**
   * The event is genuine and was accepted before, here or on another node; nothing was done. 200.
   *
   * @param organization whose server told it
   * @param environment of that server's credentials
   * @param event what it told
   */
  record Duplicate(OrganizationId organization, Environment environment, LiveKitEvent event)
      implements WebhookReceipt {
    /** Checks that all is there. */
    public Duplicate {
      Objects.requireNonNull(organization, "organization");
      Objects.requireNonNull(environment, "environment");
      Objects.requireNonNull(event, "event");
    }

    @Override
    public int status() {
      return 200;
    }
  }

  /**
   * The event is genuine, and shall be sent again: a listener failed, or another node has it and is
   * not done. 503.
   *
   * @param organization whose server told it
   * @param environment of that server's credentials
   * @param event what it told
   * @param failure what a listener threw; empty when another node has the event
   * @param retryAfter how long to wait at least
   */
  record Unfinished(
      OrganizationId organization,
      Environment environment,
      LiveKitEvent event,
      Optional<RuntimeException> failure,
      Optional<Duration> retryAfter)
      implements WebhookReceipt {
    /** Checks that all is there. */
    public Unfinished {
      Objects.requireNonNull(organization, "organization");
      Objects.requireNonNull(environment, "environment");
      Objects.requireNonNull(event, "event");
      Objects.requireNonNull(failure, "failure");
      Objects.requireNonNull(retryAfter, "retryAfter");
    }

    @Override
    public int status() {
      return 503;
    }
  }

  /**
   * The request is none that a tenant's server made, or makes no sense.
   *
   * @param reason why
   */
  record Refused(Reason reason) implements WebhookReceipt {
    /** Checks that the reason is there. */
    public Refused {
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public int status() {
      return reason.status;
    }
  }
}
