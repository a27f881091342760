package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The audit trail. The application's role may insert and select here, nothing else. */
final class JdbcAudit implements AuditStore {
  private static final String INSERT =
      """
      INSERT INTO tenantkit.audit_events
        (organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id, details)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?json)""";
  private static final String LIST =
      """
      SELECT organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id, details
        FROM tenantkit.audit_events
       WHERE organization_id = ? AND id > ?
       ORDER BY id
       LIMIT ?""";

  private final Transactions transactions;

  JdbcAudit(Transactions transactions) {
    this.transactions = transactions;
  }

  /** The statement that a verb adds to its own. */
  static Step insert(AuditEvent event) {
    return new Step(
        INSERT,
        p ->
            p.text(event.organization().value())
                .text(event.id())
                .time(event.at())
                .text(event.actor().kind().name())
                .text(event.actor().id())
                .text(event.action())
                .text(event.targetType())
                .text(event.targetId())
                .text(Json.details(event.details())));
  }

  static ConflictException exists() {
    return new ConflictException("audit event exists already");
  }

  @Override
  public void append(TenantContext context, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    transactions.<Boolean>write(
        context,
        session -> {
          try {
            session.execute(insert(event));
            return true;
          } catch (SQLException e) {
            switch (transactions.dialect().classify(e)) {
              case MISSING_PARENT -> throw new NotFoundException("organization");
              case DUPLICATE -> throw exists();
              default -> throw e;
            }
          }
        });
  }

  @Override
  public List<AuditEvent> list(TenantContext context, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p ->
                    p.text(context.organization().value())
                        .text(afterId == null ? "" : afterId)
                        .integer(limit),
                JdbcAudit::event));
  }

  private static AuditEvent event(Row row) throws SQLException {
    return new AuditEvent(
        row.text("id"),
        OrganizationId.of(row.text("organization_id")),
        row.time("occurred_at"),
        new Actor(Actor.Kind.valueOf(row.text("actor_kind")), row.text("actor_id")),
        row.text("action"),
        row.text("target_type"),
        row.text("target_id"),
        Json.details(row.text("details")));
  }
}
