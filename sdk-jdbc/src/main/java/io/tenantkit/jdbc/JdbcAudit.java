package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The audit trail. The application's role may insert and select here, nothing else; number and link
 * of a row come from a trigger.
 */
final class JdbcAudit implements AuditStore {
  private static final String INSERT =
      """
      INSERT INTO tenantkit.audit_events
        (organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id, details)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?json)""";
  private static final String LIST =
      """
      SELECT organization_id, id, occurred_at, actor_kind, actor_id, action, target_type, target_id, details, seq, hash
        FROM tenantkit.audit_events
       WHERE organization_id = ? AND seq > ?
       ORDER BY seq
       LIMIT ?""";
  private static final String HEAD =
      "SELECT seq, hash FROM tenantkit.audit_heads WHERE organization_id = ?";

  private static final int ID_LENGTH = 255;

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
  public List<AuditRecord> records(TenantContext context, long afterSeq, int limit) {
    return read(
        context, afterSeq, limit, row -> new AuditRecord(event(row), row.number("seq"), hash(row)));
  }

  @Override
  public List<StoredAuditEvent> rows(TenantContext context, long afterSeq, int limit) {
    return read(context, afterSeq, limit, JdbcAudit::stored);
  }

  private <T> List<T> read(TenantContext context, long afterSeq, int limit, Row.Reader<T> reader) {
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p -> p.text(context.organization().value()).number(afterSeq).integer(limit),
                reader));
  }

  @Override
  public Optional<AuditHead> head(TenantContext context) {
    return transactions.read(
        context,
        session ->
            session.first(
                HEAD,
                p -> p.text(context.organization().value()),
                row -> new AuditHead(row.number("seq"), ChainHash.of(row.bytes("hash")))));
  }

  private static AuditEvent event(Row row) throws SQLException {
    return new AuditEvent(
        row.text("id"),
        OrganizationId.of(row.text("organization_id")),
        row.time("occurred_at"),
        actor(row.text("actor_kind"), row.text("actor_id")),
        row.text("action"),
        row.text("target_type"),
        row.text("target_id"),
        Json.shownDetails(row.text("details")));
  }

  /** Of a kind that nobody knows it is whoever wrote the row by hand, with both as its id. */
  private static Actor actor(String kind, String id) {
    return Arrays.stream(Actor.Kind.values())
        .filter(known -> known.name().equals(kind))
        .findFirst()
        .map(known -> new Actor(known, Legible.text(id, ID_LENGTH).orElse("-")))
        .orElseGet(() -> Actor.host(Legible.text(kind + " " + id, ID_LENGTH).orElse("-")));
  }

  private static StoredAuditEvent stored(Row row) throws SQLException {
    return new StoredAuditEvent(
        row.text("organization_id"),
        row.text("id"),
        row.time("occurred_at"),
        row.text("actor_kind"),
        row.text("actor_id"),
        row.text("action"),
        row.text("target_type"),
        row.text("target_id"),
        row.text("details"),
        row.number("seq"),
        hash(row));
  }

  private static Optional<ChainHash> hash(Row row) throws SQLException {
    return Optional.ofNullable(row.bytesOrNull("hash")).map(ChainHash::of);
  }
}
