package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.WebhookStore;
import io.tenantkit.vault.webhook.DeadLetter;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.WebhookEndpoint;
import io.tenantkit.vault.webhook.WebhookEndpoint.Delivery;
import io.tenantkit.vault.webhook.WebhookId;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Webhook endpoints, how far each has come, and what was set aside. */
final class JdbcWebhooks implements WebhookStore {
  private static final String SELECT =
      """
      SELECT e.organization_id, e.id, e.url, e.description, e.events, e.enabled, e.version, e.overlap_until, e.created_by,
             e.created_at, e.updated_at, e.delivered_seq, e.attempts, e.due_at, e.last_failure
        FROM tenantkit.webhook_endpoints e
       WHERE e.organization_id = ?""";
  private static final String FIND = SELECT + " AND e.id = ?";
  private static final String LIST = SELECT + " AND e.id > ? ORDER BY e.id LIMIT ?";
  private static final String IS_DUE =
      """
       e.enabled AND e.due_at <= ? AND (e.claimed_until IS NULL OR e.claimed_until <= ?)
         AND (EXISTS (SELECT 1 FROM tenantkit.audit_heads h
                       WHERE h.organization_id = e.organization_id AND h.seq > e.delivered_seq)
              OR EXISTS (SELECT 1 FROM tenantkit.webhook_dead_letters d
                          WHERE d.organization_id = e.organization_id AND d.endpoint_id = e.id AND d.queued))""";
  private static final String DUE = SELECT + " AND " + IS_DUE + " ORDER BY e.due_at, e.id LIMIT ?";
  private static final String ORGANIZATIONS_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_due_webhooks(?, ?, ?)";
  private static final String ORGANIZATIONS_H2 =
      "SELECT DISTINCT e.organization_id FROM tenantkit.webhook_endpoints e"
          + " JOIN tenantkit.organizations o ON o.id = e.organization_id AND o.status = 'ACTIVE' WHERE "
          + IS_DUE
          + " AND e.organization_id > ? ORDER BY e.organization_id LIMIT ?";
  private static final String INSERT =
      """
      INSERT INTO tenantkit.webhook_endpoints
        (organization_id, id, url, description, events, enabled, version, overlap_until, created_by, created_at, updated_at,
         delivered_seq, attempts, due_at, last_failure)
      SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar),
             CAST(? AS boolean), CAST(? AS bigint), CAST(? AS timestamp(6) with time zone), CAST(? AS varchar),
             CAST(? AS timestamp(6) with time zone), CAST(? AS timestamp(6) with time zone), CAST(? AS bigint),
             CAST(? AS integer), CAST(? AS timestamp(6) with time zone), CAST(? AS varchar)
       WHERE (SELECT COUNT(*) FROM tenantkit.webhook_endpoints c WHERE c.organization_id = ?) < ?""";
  private static final String UPDATE =
      """
      UPDATE tenantkit.webhook_endpoints
         SET url = ?, description = ?, events = ?, enabled = ?, version = ?, overlap_until = ?, updated_at = ?, attempts = ?,
             due_at = ?
       WHERE organization_id = ? AND id = ? AND version = ?""";
  private static final String DELETE =
      "DELETE FROM tenantkit.webhook_endpoints WHERE organization_id = ? AND id = ?";
  private static final String CLAIM =
      """
      UPDATE tenantkit.webhook_endpoints
         SET claim = ?, claimed_until = ?
       WHERE organization_id = ? AND id = ? AND enabled AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)""";
  private static final String PROGRESS =
      """
      UPDATE tenantkit.webhook_endpoints
         SET delivered_seq = ?, attempts = ?, due_at = ?, last_failure = ?%s
       WHERE organization_id = ? AND id = ? AND claim = ? AND delivered_seq = ?""";
  private static final String PROGRESS_HELD = PROGRESS.formatted("");
  private static final String PROGRESS_RELEASED =
      PROGRESS.formatted(", claim = NULL, claimed_until = NULL");
  private static final String LETTERS =
      """
      SELECT endpoint_id, seq, message_id, type, payload, attempts, failed_at, failure, queued
        FROM tenantkit.webhook_dead_letters
       WHERE organization_id = ? AND endpoint_id = ? AND %s
       ORDER BY seq
       LIMIT ?""";
  private static final String LETTERS_AFTER = LETTERS.formatted("seq > ?");
  private static final String LETTERS_QUEUED = LETTERS.formatted("queued");
  private static final String INSERT_LETTER =
      """
      INSERT INTO tenantkit.webhook_dead_letters
        (organization_id, endpoint_id, seq, message_id, type, payload, attempts, failed_at, failure, queued)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String QUEUE =
      """
      UPDATE tenantkit.webhook_dead_letters
         SET queued = TRUE
       WHERE organization_id = ? AND endpoint_id = ? AND seq = ? AND NOT queued""";
  private static final String CLAIMED =
      " AND queued AND EXISTS (SELECT 1 FROM tenantkit.webhook_endpoints e"
          + " WHERE e.organization_id = ? AND e.id = ? AND e.claim = ?)";
  private static final String RETRIED =
      """
      UPDATE tenantkit.webhook_dead_letters
         SET attempts = ?, failed_at = ?, failure = ?, queued = ?
       WHERE organization_id = ? AND endpoint_id = ? AND seq = ?"""
          + CLAIMED;
  private static final String ARRIVED =
      "DELETE FROM tenantkit.webhook_dead_letters WHERE organization_id = ? AND endpoint_id = ? AND seq = ?"
          + CLAIMED;

  private final Transactions transactions;

  JdbcWebhooks(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Optional<WebhookEndpoint> find(TenantContext context, WebhookId id) {
    return transactions.read(context, session -> find(session, context, id));
  }

  private static Optional<WebhookEndpoint> find(
      Session session, TenantContext context, WebhookId id) throws SQLException {
    return session.first(FIND, p -> key(p, context, id), JdbcWebhooks::endpoint);
  }

  @Override
  public List<WebhookEndpoint> list(TenantContext context, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p ->
                    p.text(context.organization().value())
                        .text(afterId == null ? "" : afterId)
                        .integer(limit),
                JdbcWebhooks::endpoint));
  }

  @Override
  public boolean create(
      TenantContext context, WebhookEndpoint endpoint, int most, AuditEvent event) {
    OwnRows.require(context.organization(), endpoint.organization(), event.organization());
    Delivery delivery = endpoint.delivery();
    Step insert =
        new Step(
            INSERT,
            p ->
                p.text(endpoint.organization().value())
                    .text(endpoint.id().value())
                    .text(endpoint.url())
                    .text(endpoint.description())
                    .text(String.join(",", endpoint.events().patterns()))
                    .flag(endpoint.enabled())
                    .number(endpoint.version())
                    .time(endpoint.secretOverlapUntil())
                    .text(endpoint.createdBy())
                    .time(endpoint.createdAt())
                    .time(endpoint.updatedAt())
                    .number(delivery.seq())
                    .integer(delivery.attempts())
                    .time(delivery.dueAt())
                    .text(delivery.lastFailure())
                    .text(endpoint.organization().value())
                    .integer(most));
    // The event first: it holds the trail's head, so that of several at once each counts the last.
    return Refusals.attempt(
        transactions,
        context,
        List.of(JdbcAudit.insert(event), insert),
        counts -> counts[1] == 1,
        session -> {},
        session -> find(session, context, endpoint.id()).isPresent());
  }

  @Override
  public boolean update(
      TenantContext context, WebhookEndpoint changed, long expectedVersion, AuditEvent event) {
    OwnRows.require(context.organization(), changed.organization(), event.organization());
    Step update =
        new Step(
            UPDATE,
            p ->
                p.text(changed.url())
                    .text(changed.description())
                    .text(String.join(",", changed.events().patterns()))
                    .flag(changed.enabled())
                    .number(changed.version())
                    .time(changed.secretOverlapUntil())
                    .time(changed.updatedAt())
                    .integer(changed.delivery().attempts())
                    .time(changed.delivery().dueAt())
                    .text(context.organization().value())
                    .text(changed.id().value())
                    .number(expectedVersion));
    return changed(context, update, event);
  }

  @Override
  public boolean delete(TenantContext context, WebhookId id, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    return changed(context, new Step(DELETE, p -> key(p, context, id)), event);
  }

  /** The event is written only when the row was, so it goes after. */
  private boolean changed(TenantContext context, Step change, AuditEvent event) {
    return transactions.write(
        context,
        session -> {
          if (session.execute(change)[0] != 1) {
            return session.undo();
          }
          session.execute(JdbcAudit.insert(event));
          return true;
        });
  }

  @Override
  public List<OrganizationId> organizationsWithDue(
      Instant now, @Nullable OrganizationId after, int limit) {
    String afterId = after == null ? "" : after.value();
    boolean postgresql = transactions.dialect() == Dialect.POSTGRESQL;
    return transactions.read(
        session ->
            session.query(
                postgresql ? ORGANIZATIONS_POSTGRESQL : ORGANIZATIONS_H2,
                p -> {
                  if (!postgresql) {
                    p.time(now);
                  }
                  p.time(now).text(afterId).integer(limit);
                },
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public List<WebhookEndpoint> due(TenantContext context, Instant now, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                DUE,
                p -> p.text(context.organization().value()).time(now).time(now).integer(limit),
                JdbcWebhooks::endpoint));
  }

  @Override
  public boolean claim(
      TenantContext context, WebhookId id, String claim, Instant now, Instant until) {
    Step step =
        new Step(
            CLAIM,
            p -> {
              p.text(claim).time(until);
              key(p, context, id);
              p.time(now).time(now);
            });
    return transactions.write(context, session -> session.execute(step)[0] == 1 || session.undo());
  }

  @Override
  public boolean progress(
      TenantContext context,
      WebhookId id,
      String claim,
      long fromSeq,
      Delivery next,
      boolean release) {
    Step step = progressed(context, id, claim, fromSeq, next, release);
    return transactions.write(context, session -> session.execute(step)[0] == 1 || session.undo());
  }

  private static Step progressed(
      TenantContext context,
      WebhookId id,
      String claim,
      long fromSeq,
      Delivery next,
      boolean release) {
    return new Step(
        release ? PROGRESS_RELEASED : PROGRESS_HELD,
        p -> {
          p.number(next.seq()).integer(next.attempts()).time(next.dueAt()).text(next.lastFailure());
          key(p, context, id);
          p.text(claim).number(fromSeq);
        });
  }

  @Override
  public boolean setAside(
      TenantContext context,
      String claim,
      long fromSeq,
      Delivery next,
      DeadLetter letter,
      AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    Step progress = progressed(context, letter.endpoint(), claim, fromSeq, next, false);
    Step insert =
        new Step(
            INSERT_LETTER,
            p -> {
              key(p, context, letter.endpoint());
              p.number(letter.seq())
                  .text(letter.messageId())
                  .text(letter.type())
                  .text(letter.payload())
                  .integer(letter.attempts())
                  .time(letter.failedAt())
                  .text(letter.failure())
                  .flag(letter.queued());
            });
    return transactions.write(
        context,
        session -> {
          if (session.execute(progress)[0] != 1) {
            return session.undo();
          }
          session.execute(insert, JdbcAudit.insert(event));
          return true;
        });
  }

  @Override
  public List<DeadLetter> deadLetters(
      TenantContext context, WebhookId id, long afterSeq, int limit) {
    return letters(
        context,
        LETTERS_AFTER,
        p -> {
          key(p, context, id);
          p.number(afterSeq).integer(limit);
        });
  }

  @Override
  public List<DeadLetter> queued(TenantContext context, WebhookId id, int limit) {
    return letters(
        context,
        LETTERS_QUEUED,
        p -> {
          key(p, context, id);
          p.integer(limit);
        });
  }

  private List<DeadLetter> letters(TenantContext context, String sql, Step.Binder binder) {
    return transactions.read(context, session -> session.query(sql, binder, JdbcWebhooks::letter));
  }

  @Override
  public boolean queue(TenantContext context, WebhookId id, long seq, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    Step queue =
        new Step(
            QUEUE,
            p -> {
              key(p, context, id);
              p.number(seq);
            });
    return changed(context, queue, event);
  }

  @Override
  public boolean retried(
      TenantContext context, WebhookId id, long seq, String claim, Optional<DeadLetter> after) {
    Step step =
        new Step(
            after.isPresent() ? RETRIED : ARRIVED,
            p -> {
              if (after.isPresent()) {
                DeadLetter letter = after.get();
                p.integer(letter.attempts())
                    .time(letter.failedAt())
                    .text(letter.failure())
                    .flag(letter.queued());
              }
              key(p, context, id);
              p.number(seq);
              key(p, context, id);
              p.text(claim);
            });
    return transactions.write(context, session -> session.execute(step)[0] == 1 || session.undo());
  }

  private static void key(Params p, TenantContext context, WebhookId id) throws SQLException {
    p.text(context.organization().value()).text(id.value());
  }

  private static WebhookEndpoint endpoint(Row row) throws SQLException {
    return new WebhookEndpoint(
        new WebhookId(row.text("id")),
        OrganizationId.of(row.text("organization_id")),
        row.text("url"),
        row.text("description"),
        EventFilter.of(Arrays.asList(row.text("events").split(",", -1))),
        row.flag("enabled"),
        row.number("version"),
        row.optionalTime("overlap_until"),
        row.text("created_by"),
        row.time("created_at"),
        row.time("updated_at"),
        new Delivery(
            row.number("delivered_seq"),
            row.integer("attempts"),
            row.time("due_at"),
            row.text("last_failure")));
  }

  private static DeadLetter letter(Row row) throws SQLException {
    return new DeadLetter(
        new WebhookId(row.text("endpoint_id")),
        row.number("seq"),
        row.text("message_id"),
        row.text("type"),
        row.text("payload"),
        row.integer("attempts"),
        row.time("failed_at"),
        row.text("failure"),
        row.flag("queued"));
  }
}
