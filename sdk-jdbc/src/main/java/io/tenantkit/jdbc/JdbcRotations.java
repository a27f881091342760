package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.RotationStep;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.StoredRotation;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rotations of secrets: policies, steps and times, no values. */
final class JdbcRotations implements RotationStore {
  private static final String SELECT =
      """
      SELECT r.*, s.environment, s.name, p.name AS project_name
        FROM tenantkit.secret_rotations r
        JOIN tenantkit.secrets s ON s.organization_id = r.organization_id AND s.id = r.secret_id
        JOIN tenantkit.projects p ON p.organization_id = s.organization_id AND p.id = s.project_id
       WHERE r.organization_id = ? AND s.deleted_at IS NULL""";

  private static final String FIND = SELECT + " AND r.secret_id = ?";
  private static final String ORDER = " AND r.secret_id > ?\n ORDER BY r.secret_id\n LIMIT ?";
  private static final String LIST =
      SELECT + " AND r.due_at < ? AND s.environment IN (?, ?, ?)" + ORDER;
  private static final String DUE = SELECT + " AND r.wake_at <= ?" + ORDER;
  private static final String INSERT =
      """
      INSERT INTO tenantkit.secret_rotations
        (organization_id, secret_id, every_seconds, rotate_at, notice_seconds, overlap_seconds, due_at, step, rotation_id,
         base_version, pending_version, previous_version, retire_at, attempts, attempts_since, failure, last_rotated_at,
         soon_told_for, due_told_for, wake_at, claimed_by, revision)
      SELECT s.organization_id, s.id, CAST(? AS bigint), CAST(? AS timestamp(6) with time zone), CAST(? AS bigint),
             CAST(? AS bigint), CAST(? AS timestamp(6) with time zone), CAST(? AS varchar), CAST(? AS varchar),
             CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS timestamp(6) with time zone),
             CAST(? AS integer), CAST(? AS timestamp(6) with time zone), CAST(? AS varchar),
             CAST(? AS timestamp(6) with time zone), CAST(? AS timestamp(6) with time zone),
             CAST(? AS timestamp(6) with time zone), CAST(? AS timestamp(6) with time zone), CAST(? AS varchar),
             CAST(? AS bigint)
        FROM tenantkit.secrets s
       WHERE s.organization_id = ? AND s.id = ?
         AND NOT EXISTS (SELECT 1 FROM tenantkit.secret_rotations r WHERE r.organization_id = ? AND r.secret_id = ?)""";
  private static final String UPDATE =
      """
      UPDATE tenantkit.secret_rotations
         SET every_seconds = ?, rotate_at = ?, notice_seconds = ?, overlap_seconds = ?, due_at = ?, step = ?, rotation_id = ?,
             base_version = ?, pending_version = ?, previous_version = ?, retire_at = ?, attempts = ?, attempts_since = ?,
             failure = ?, last_rotated_at = ?, soon_told_for = ?, due_told_for = ?, wake_at = ?, claimed_by = ?, revision = ?
       WHERE organization_id = ? AND secret_id = ? AND revision = ?""";
  private static final String DELETE =
      "DELETE FROM tenantkit.secret_rotations WHERE organization_id = ? AND secret_id = ? AND revision = ?";
  private static final String ORGANIZATIONS_H2 =
      """
      SELECT o.id AS organization_id
        FROM tenantkit.organizations o
       WHERE o.id > ? AND o.status = 'ACTIVE'
         AND EXISTS (SELECT 1
                       FROM tenantkit.secret_rotations r
                       JOIN tenantkit.secrets s ON s.organization_id = r.organization_id AND s.id = r.secret_id
                      WHERE r.organization_id = o.id AND r.wake_at <= ? AND s.deleted_at IS NULL)
       ORDER BY o.id
       LIMIT ?""";
  private static final String ORGANIZATIONS_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_due_rotations(?, ?, ?)";

  private final Transactions transactions;

  JdbcRotations(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Optional<StoredRotation> find(TenantContext context, SecretId secret) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND,
                p -> p.text(context.organization().value()).text(secret.value()),
                JdbcRotations::rotation));
  }

  @Override
  public boolean write(TenantContext context, StoredRotation row, Optional<AuditEvent> event) {
    event.ifPresent(told -> OwnRows.require(context.organization(), told.organization()));
    String organization = context.organization().value();
    String secret = row.secret().value();
    Step step =
        row.revision() == 1
            ? new Step(
                INSERT,
                p -> {
                  columns(p, row);
                  p.text(organization).text(secret).text(organization).text(secret);
                })
            : new Step(
                UPDATE,
                p -> {
                  columns(p, row);
                  p.text(organization).text(secret).number(row.revision() - 1);
                });
    return one(context, step, event);
  }

  @Override
  public boolean remove(TenantContext context, StoredRotation row, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    Step step =
        new Step(
            DELETE,
            p ->
                p.text(context.organization().value())
                    .text(row.secret().value())
                    .number(row.revision()));
    return one(context, step, Optional.of(event));
  }

  /** The event is written only when the row was, so it goes after. */
  private boolean one(TenantContext context, Step step, Optional<AuditEvent> event) {
    return transactions.write(
        context,
        session -> {
          try {
            if (session.execute(step)[0] != 1) {
              return session.undo();
            }
          } catch (SQLException e) {
            switch (transactions.dialect().classify(e)) {
              // Another node was faster, or the secret went meanwhile.
              case DUPLICATE, MISSING_PARENT -> {
                return session.undo();
              }
              default -> throw e;
            }
          }
          if (event.isPresent()) {
            session.execute(JdbcAudit.insert(event.get()));
          }
          return true;
        });
  }

  private static void columns(Params p, StoredRotation row) throws SQLException {
    RotationPolicy policy = row.policy();
    p.number(policy.every().map(Duration::toSeconds).orElse(0L).longValue())
        .time(policy.at())
        .number(policy.notice().toSeconds())
        .number(policy.overlap().toSeconds())
        .time(row.dueAt())
        .text(row.step().name())
        .text(row.rotationId())
        .number(row.baseVersion())
        .number(row.pendingVersion())
        .number(row.previousVersion())
        .time(row.retireAt())
        .integer(row.attempts())
        .time(row.attemptsSince())
        .text(row.failure())
        .time(row.lastRotatedAt())
        .time(row.soonToldFor())
        .time(row.dueToldFor())
        .time(row.wakeAt())
        .text(row.claimedBy())
        .number(row.revision());
  }

  @Override
  public List<StoredRotation> list(
      TenantContext context, Instant dueBefore, @Nullable String afterId, int limit) {
    List<Environment> reach = List.copyOf(context.environments());
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p -> {
                  p.text(context.organization().value()).time(dueBefore);
                  SecretSearch.environments(p, reach);
                  p.text(afterId == null ? "" : afterId).integer(limit);
                },
                JdbcRotations::rotation));
  }

  @Override
  public List<StoredRotation> due(
      TenantContext context, Instant by, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                DUE,
                p ->
                    p.text(context.organization().value())
                        .time(by)
                        .text(afterId == null ? "" : afterId)
                        .integer(limit),
                JdbcRotations::rotation));
  }

  @Override
  public List<OrganizationId> organizationsWithDue(
      Instant by, @Nullable String afterId, int limit) {
    String after = afterId == null ? "" : afterId;
    boolean postgresql = transactions.dialect() == Dialect.POSTGRESQL;
    return transactions.read(
        session ->
            session.query(
                postgresql ? ORGANIZATIONS_POSTGRESQL : ORGANIZATIONS_H2,
                p -> {
                  if (postgresql) {
                    p.time(by).text(after).integer(limit);
                  } else {
                    p.text(after).time(by).integer(limit);
                  }
                },
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  private static StoredRotation rotation(Row row) throws SQLException {
    long every = row.number("every_seconds");
    RotationPolicy policy =
        new RotationPolicy(
            every == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(every)),
            row.optionalTime("rotate_at"),
            Duration.ofSeconds(row.number("notice_seconds")),
            Duration.ofSeconds(row.number("overlap_seconds")));
    return new StoredRotation(
        new SecretId(row.text("secret_id")),
        SecretRows.ref(row),
        policy,
        row.optionalTime("due_at"),
        RotationStep.valueOf(row.text("step")),
        row.text("rotation_id"),
        row.number("base_version"),
        row.number("pending_version"),
        row.number("previous_version"),
        row.optionalTime("retire_at"),
        row.integer("attempts"),
        row.optionalTime("attempts_since"),
        row.text("failure"),
        row.optionalTime("last_rotated_at"),
        row.optionalTime("soon_told_for"),
        row.optionalTime("due_told_for"),
        row.optionalTime("wake_at"),
        row.text("claimed_by"),
        row.number("revision"));
  }
}
