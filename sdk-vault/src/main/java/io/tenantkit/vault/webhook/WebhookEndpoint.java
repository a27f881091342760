package io.tenantkit.vault.webhook;

import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Where an organization wants to be told, and how far that has come. Immutable; its secret is in
 * the vault.
 *
 * @param id its id
 * @param organization whose it is
 * @param url where messages go
 * @param description for people; may be empty
 * @param events which are told
 * @param enabled whether anything is sent
 * @param version from 1, one more with each change of the settings
 * @param secretOverlapUntil until when the secret before the last rotation signs too
 * @param createdBy the actor that created it
 * @param createdAt when, microsecond precision
 * @param updatedAt when the settings last changed
 * @param delivery how far it has come
 */
public record WebhookEndpoint(
    WebhookId id,
    OrganizationId organization,
    String url,
    String description,
    EventFilter events,
    boolean enabled,
    long version,
    Optional<Instant> secretOverlapUntil,
    String createdBy,
    Instant createdAt,
    Instant updatedAt,
    Delivery delivery) {

  /**
   * How far an endpoint has come in the audit trail.
   *
   * @param seq the number of the last event that is done with
   * @param attempts how often the next event was tried in vain
   * @param dueAt when to try again
   * @param lastFailure why the last attempt failed; empty when it did not
   */
  public record Delivery(long seq, int attempts, Instant dueAt, String lastFailure) {
    public Delivery {
      Objects.requireNonNull(dueAt, "dueAt");
      Objects.requireNonNull(lastFailure, "lastFailure");
    }
  }

  public WebhookEndpoint {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(events, "events");
    Objects.requireNonNull(secretOverlapUntil, "secretOverlapUntil");
    Objects.requireNonNull(delivery, "delivery");
  }

  WebhookEndpoint with(String newDescription, EventFilter newEvents, Instant now) {
    return next(url, newDescription, newEvents, enabled, secretOverlapUntil, now, delivery);
  }

  WebhookEndpoint withSecret(String newUrl, Optional<Instant> overlapUntil, Instant now) {
    return next(newUrl, description, events, enabled, overlapUntil, now, atOnce(now));
  }

  WebhookEndpoint withEnabled(boolean on, Instant now) {
    return next(url, description, events, on, secretOverlapUntil, now, atOnce(now));
  }

  private Delivery atOnce(Instant now) {
    return new Delivery(delivery.seq(), 0, now, delivery.lastFailure());
  }

  private WebhookEndpoint next(
      String newUrl,
      String newDescription,
      EventFilter newEvents,
      boolean on,
      Optional<Instant> overlap,
      Instant now,
      Delivery newDelivery) {
    return new WebhookEndpoint(
        id,
        organization,
        newUrl,
        newDescription,
        newEvents,
        on,
        version + 1,
        overlap,
        createdBy,
        createdAt,
        now,
        newDelivery);
  }
}
