package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditCheckpoint;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredAuditKey;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signed heads of the audit trail, their keys, and what was pruned. */
final class JdbcAuditCheckpoints implements AuditCheckpointStore {
  private static final String INSERT =
      """
      INSERT INTO tenantkit.audit_checkpoints
        (organization_id, kind, seq, hash, signed_at, key_number, signature)
      VALUES (?, ?, ?, ?, ?, ?, ?)""";
  private static final String NEWEST =
      """
      SELECT organization_id, kind, seq, hash, signed_at, key_number, signature
        FROM tenantkit.audit_checkpoints
       WHERE organization_id = ? AND kind = ?
       ORDER BY seq DESC
       LIMIT 1""";
  private static final String UNSIGNED_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.audit_unsigned(?, ?)";
  private static final String UNSIGNED_H2 =
      """
      SELECT h.organization_id
        FROM tenantkit.audit_heads h
       WHERE h.organization_id > ?
         AND (SELECT max(c.seq) FROM tenantkit.audit_checkpoints c
               WHERE c.organization_id = h.organization_id AND c.kind = 'HEAD') IS DISTINCT FROM h.seq
       ORDER BY h.organization_id
       LIMIT ?""";
  private static final String PRUNE_POSTGRESQL = "SELECT tenantkit.audit_prune(?, ?) AS removed";
  private static final String SIGNED_H2 =
      """
      SELECT count(*) AS signed
        FROM tenantkit.audit_checkpoints
       WHERE organization_id = ? AND kind = 'HEAD' AND seq >= ?""";
  private static final String PRUNE_H2 =
      "DELETE FROM tenantkit.audit_events WHERE organization_id = ? AND seq <= ?";
  private static final String KEYS =
      """
      SELECT key_number, master_key_id, wrapped, created_at
        FROM tenantkit.audit_keys
       ORDER BY key_number DESC, wrap_number DESC""";
  private static final String INSERT_KEY =
      """
      INSERT INTO tenantkit.audit_keys (key_number, wrap_number, master_key_id, wrapped, created_at)
      VALUES (?, 1, ?, ?, ?)""";
  private static final String REWRAP_KEY =
      """
      INSERT INTO tenantkit.audit_keys (key_number, wrap_number, master_key_id, wrapped, created_at)
      SELECT key_number, max(wrap_number) + 1, CAST(? AS varchar), CAST(? AS %s), CAST(? AS timestamp with time zone)
        FROM tenantkit.audit_keys
       WHERE key_number = ?
       GROUP BY key_number""";
  private static final long REFUSED = -1;

  private final Transactions transactions;

  JdbcAuditCheckpoints(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public boolean insert(TenantContext context, AuditCheckpoint head) {
    OwnRows.require(context.organization(), head.organization());
    return transactions.write(context, session -> added(session, insert(head)));
  }

  /** Whether the row was not there yet. */
  private boolean added(Session session, Step insert) throws SQLException {
    try {
      session.execute(insert);
      return true;
    } catch (SQLException e) {
      if (transactions.dialect().classify(e) == Dialect.Failure.DUPLICATE) {
        return session.undo();
      }
      throw e;
    }
  }

  private static Step insert(AuditCheckpoint added) {
    return new Step(
        INSERT,
        p ->
            p.text(added.organization().value())
                .text(added.kind().name())
                .number(added.seq())
                .bytes(added.hash().bytes())
                .time(added.at())
                .integer(added.keyNumber())
                .bytes(HexFormat.of().parseHex(added.signature())));
  }

  @Override
  public Optional<AuditCheckpoint> newest(TenantContext context, AuditCheckpoint.Kind kind) {
    return transactions.read(
        context,
        session ->
            session.first(
                NEWEST,
                p -> p.text(context.organization().value()).text(kind.name()),
                JdbcAuditCheckpoints::checkpoint));
  }

  private static AuditCheckpoint checkpoint(Row row) throws SQLException {
    return new AuditCheckpoint(
        OrganizationId.of(row.text("organization_id")),
        AuditCheckpoint.Kind.valueOf(row.text("kind")),
        row.number("seq"),
        ChainHash.of(row.bytes("hash")),
        row.time("signed_at"),
        row.integer("key_number"),
        HexFormat.of().formatHex(row.bytes("signature")));
  }

  @Override
  public List<OrganizationId> unsigned(@Nullable OrganizationId after, int limit) {
    return transactions.read(
        session ->
            session.query(
                isPostgresql() ? UNSIGNED_POSTGRESQL : UNSIGNED_H2,
                p -> p.text(after == null ? "" : after.value()).integer(limit),
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public long prune(Operator operator, AuditCheckpoint anchor, AuditEvent event) {
    OwnRows.require(anchor.organization(), event.organization());
    return transactions.write(
        operator,
        session -> {
          if (!added(session, insert(anchor))) {
            throw refused();
          }
          // The event takes the head's lock, so nobody else prunes or appends meanwhile.
          session.execute(JdbcAudit.insert(event));
          long removed = remove(session, anchor.organization().value(), anchor.seq());
          if (removed == REFUSED) {
            throw refused();
          }
          return removed;
        });
  }

  private long remove(Session session, String organization, long through) throws SQLException {
    Step.Binder range = p -> p.text(organization).number(through);
    if (isPostgresql()) {
      return session.first(PRUNE_POSTGRESQL, range, row -> row.number("removed")).orElse(REFUSED);
    }
    if (session.first(SIGNED_H2, range, row -> row.number("signed")).orElse(0L) == 0) {
      return REFUSED;
    }
    return session.execute(new Step(PRUNE_H2, range))[0];
  }

  private static ConflictException refused() {
    return new ConflictException("the audit trail cannot be pruned to there");
  }

  @Override
  public List<StoredAuditKey> keys() {
    return transactions.read(session -> session.query(KEYS, p -> {}, JdbcAuditCheckpoints::key));
  }

  private static StoredAuditKey key(Row row) throws SQLException {
    return new StoredAuditKey(
        row.integer("key_number"),
        row.text("master_key_id"),
        row.bytes("wrapped"),
        row.time("created_at"));
  }

  @Override
  public boolean insertKey(StoredAuditKey key) {
    Step insert =
        new Step(
            INSERT_KEY,
            p ->
                p.integer(key.number())
                    .text(key.masterKeyId())
                    .bytes(key.wrapped())
                    .time(key.createdAt()));
    return transactions.write(session -> added(session, insert));
  }

  @Override
  public boolean rewrapKey(StoredAuditKey key) {
    Step rewrap =
        new Step(
            REWRAP_KEY.formatted(isPostgresql() ? "bytea" : "varbinary"),
            p ->
                p.text(key.masterKeyId())
                    .bytes(key.wrapped())
                    .time(key.createdAt())
                    .integer(key.number()));
    return transactions.write(session -> added(session, rewrap));
  }

  private boolean isPostgresql() {
    return transactions.dialect() == Dialect.POSTGRESQL;
  }
}
