package io.tenantkit.vault.webhook;

import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.util.Objects;

/**
 * Endpoints of organizations that are told of events, signed as Standard Webhooks.
 *
 * <p>What is told is the audit trail, from the moment an endpoint is created: it is committed with
 * each change and numbered without gaps, so nothing is lost and nothing comes out of order. Each
 * endpoint is told one event after the other; an event that fails is tried again with growing
 * pauses, and after the last attempt is set aside as a {@link DeadLetter}. A message may come
 * twice, with the same {@code webhook-id}, when a node ends between its being sent and its being
 * noted. Events of the control plane that are no audit events, for example that a key ends soon,
 * are written to the trail as {@code security.…} of the organizations that have an endpoint; such
 * an event is lost when its node ends before that, which is when due work next runs. At-least-once
 * is promised of the trail alone.
 *
 * <p>A message holds names and ids, never a secret. URLs go through the guarded client. The secret
 * and the URL are sealed together in the vault, so a URL that is changed in the database gets no
 * signed message: what is to be told waits until {@link #changeUrl} gives both anew. A suspended
 * organization is told nothing until it is active again; the endpoints of an erased one are
 * disabled.
 *
 * <p>Every operation needs {@link io.tenantkit.tenant.Scopes#WEBHOOKS_MANAGE} and a context without
 * a joined transaction. Those that choose who is told what, {@link #create}, {@link #update},
 * {@link #changeUrl} and {@link #replay}, also need {@link io.tenantkit.tenant.Scopes#AUDIT_READ}
 * and all environments, since a receiver reads the trail. An unknown endpoint and another tenant's
 * get the same answer. Safe for use by several threads; all operations block on the storage.
 *
 * <p>Messages are sent on threads of the room's own, which the control plane's periodic work begins
 * and does not wait for; of one organization, two endpoints at a time.
 */
public interface Webhooks {
  /** The most endpoints of one organization. */
  int MAX_ENDPOINTS = 64;

  /** To be configured; the egress client stays the caller's to close. */
  static Builder builder(SecretVault vault, Egress egress) {
    return new Builder(vault, egress);
  }

  /**
   * Adds an endpoint, which is told what happens from now on.
   *
   * @param url where messages go; see {@link io.tenantkit.vault.egress.EgressRequest#builder}
   * @param description for people, at most 255 characters; may be empty
   * @throws io.tenantkit.vault.egress.EgressException when the URL may not be called
   * @throws io.tenantkit.ConflictException when there are {@link #MAX_ENDPOINTS} already
   */
  IssuedWebhook create(TenantContext context, String url, String description, EventFilter events);

  /** One endpoint. */
  WebhookEndpoint get(TenantContext context, WebhookId id);

  /** The endpoints, by id. */
  Page<WebhookEndpoint> list(TenantContext context, PageRequest page);

  /** Changes what people read and which events are told. */
  WebhookEndpoint update(
      TenantContext context, WebhookId id, String description, EventFilter events);

  /**
   * Sends elsewhere from now on, with a new secret: who got the old URL's cannot sign for it. When
   * the process ends in between, nothing is sent until this is called again. It also mends an
   * endpoint whose secret was lost.
   *
   * @throws io.tenantkit.ConflictException when another secret was put meanwhile
   */
  IssuedWebhook changeUrl(TenantContext context, WebhookId id, String url);

  /** Goes on sending, from where it stopped and at once. */
  WebhookEndpoint enable(TenantContext context, WebhookId id);

  /** Sends nothing until it is enabled again; what happens meanwhile is told then. */
  WebhookEndpoint disable(TenantContext context, WebhookId id);

  /** Deletes the endpoint, its dead letters and its secret, for ever. */
  void delete(TenantContext context, WebhookId id);

  /**
   * A new secret. Until the overlap ends, messages carry a signature of each. Of several calls at
   * once one is done and the others are refused. When the process ends before the secret is given,
   * messages carry both signatures until this is called again, which then keeps the receiver's.
   *
   * @param overlap zero to 7 days
   * @throws io.tenantkit.ConflictException when another secret was put meanwhile
   */
  IssuedWebhook rotateSecret(TenantContext context, WebhookId id, Duration overlap);

  /** Messages of an endpoint that were set aside, in the order of the trail. */
  Page<DeadLetter> deadLetters(TenantContext context, WebhookId id, PageRequest page);

  /** Has a message that was set aside tried once more, at the endpoint's next turn. */
  void replay(TenantContext context, WebhookId id, long seq);

  /** Collects settings. For one thread. */
  final class Builder {
    final SecretVault vault;
    final Egress egress;
    int attempts = 10;
    Duration firstPause = Duration.ofSeconds(5);
    Duration longestPause = Duration.ofHours(12);
    Duration timeout = Duration.ofSeconds(10);
    Duration interval = Duration.ofSeconds(1);

    Builder(SecretVault vault, Egress egress) {
      this.vault = Objects.requireNonNull(vault, "vault");
      this.egress = Objects.requireNonNull(egress, "egress");
    }

    /** How often a message is tried before it is set aside, 1 to 50; 10 unless told. */
    public Builder attempts(int most) {
      if (most < 1 || most > 50) {
        throw new InvalidInputException("attempts", "1 to 50");
      }
      attempts = most;
      return this;
    }

    /**
     * The pause after the first failure, and the longest. Each is four times the one before, give
     * or take a fifth: 5 seconds and 12 hours unless told, which with ten attempts makes a day and
     * a half.
     */
    public Builder pauses(Duration first, Duration longest) {
      if (first.compareTo(Duration.ofSeconds(1)) < 0
          || longest.compareTo(first) < 0
          || longest.compareTo(Duration.ofDays(7)) > 0) {
        throw new InvalidInputException("pauses", "1 second to 7 days, the first the shorter");
      }
      firstPause = first;
      longestPause = longest;
      return this;
    }

    /** How long a receiver may take for its answer, at most 30 seconds; 10 unless told. */
    public Builder timeout(Duration atMost) {
      if (atMost.compareTo(Duration.ofMillis(1)) < 0
          || atMost.compareTo(Duration.ofSeconds(30)) > 0) {
        throw new InvalidInputException("timeout", "1 ms to 30 seconds");
      }
      timeout = atMost;
      return this;
    }

    /** How often to look for what is due, more than zero; every second unless told. */
    public Builder interval(Duration every) {
      if (every.isZero() || every.isNegative()) {
        throw new InvalidInputException("interval", "more than zero");
      }
      interval = every;
      return this;
    }

    /** The webhooks; their periodic work is in the control plane's hands from here on. */
    public Webhooks build() {
      return DefaultWebhooks.of(this);
    }
  }
}
