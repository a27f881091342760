package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.webhook.DeadLetter;
import io.tenantkit.vault.webhook.WebhookEndpoint;
import io.tenantkit.vault.webhook.WebhookEndpoint.Delivery;
import io.tenantkit.vault.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Webhook endpoints, how far each has come, and what was set aside. As with every store: atomic
 * verbs, the caller's organization only.
 *
 * <p>Whoever sends for an endpoint has claimed it for a time; the verbs that note what came of it
 * take the claim and do nothing for one that has passed to somebody else.
 */
public interface WebhookStore {

  /** One endpoint. */
  Optional<WebhookEndpoint> find(TenantContext context, WebhookId id);

  /** Endpoints by id in ASCII order, from the first after {@code afterId}. */
  List<WebhookEndpoint> list(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Adds an endpoint and writes the event, unless the organization has as many as it may; of
   * several at once, one after the other counts.
   *
   * @return false, with nothing written, when the id is taken or there are {@code most} already
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean create(TenantContext context, WebhookEndpoint endpoint, int most, AuditEvent event);

  /**
   * Replaces the settings, the attempts and when the endpoint is due, when its version is still the
   * expected one, and writes the event. How far it has come stays.
   *
   * @return false, with nothing written, when there is no such row at that version
   */
  boolean update(
      TenantContext context, WebhookEndpoint changed, long expectedVersion, AuditEvent event);

  /**
   * Deletes an endpoint with its dead letters and writes the event.
   *
   * @return false, with nothing written, when there is no such endpoint
   */
  boolean delete(TenantContext context, WebhookId id, AuditEvent event);

  /**
   * Active organizations with an endpoint that is {@link #due}, by id in ASCII order, from the
   * first after {@code after}.
   */
  List<OrganizationId> organizationsWithDue(Instant now, @Nullable OrganizationId after, int limit);

  /**
   * The endpoints to send for: enabled, due, claimed by nobody, and either behind the audit trail
   * or with a dead letter that waits; by when they were due, then by id.
   */
  List<WebhookEndpoint> due(TenantContext context, Instant now, int limit);

  /**
   * Claims an endpoint that is enabled, due and claimed by nobody.
   *
   * @param claim an id that was never used before
   * @return whether it is ours
   */
  boolean claim(TenantContext context, WebhookId id, String claim, Instant now, Instant until);

  /**
   * Notes how far it has come.
   *
   * @param fromSeq how far it had come before
   * @param release whether the claim ends
   * @return false, with nothing written, when the claim is somebody else's, or it had come to
   *     another place
   */
  boolean progress(
      TenantContext context,
      WebhookId id,
      String claim,
      long fromSeq,
      Delivery next,
      boolean release);

  /**
   * Sets a message aside, notes how far it has come, writes the event and keeps the claim.
   *
   * @return as {@link #progress}
   */
  boolean setAside(
      TenantContext context,
      String claim,
      long fromSeq,
      Delivery next,
      DeadLetter letter,
      AuditEvent event);

  /** Dead letters of an endpoint by number, from the first above {@code afterSeq}. */
  List<DeadLetter> deadLetters(TenantContext context, WebhookId id, long afterSeq, int limit);

  /**
   * Has a dead letter wait to be tried again and writes the event.
   *
   * @return false, with nothing written, when there is none of that number or it waits already
   */
  boolean queue(TenantContext context, WebhookId id, long seq, AuditEvent event);

  /** Dead letters that wait, by number. */
  List<DeadLetter> queued(TenantContext context, WebhookId id, int limit);

  /**
   * Replaces a dead letter that was tried again, or removes it.
   *
   * @param after as it is now; empty when it arrived
   * @return false, with nothing written, when the claim is somebody else's or it no longer waits
   */
  boolean retried(
      TenantContext context, WebhookId id, long seq, String claim, Optional<DeadLetter> after);
}
