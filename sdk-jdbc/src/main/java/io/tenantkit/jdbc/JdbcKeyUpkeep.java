package io.tenantkit.jdbc;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What time does to keys. */
final class JdbcKeyUpkeep implements KeyUpkeepStore {
  private static final String ORGANIZATIONS_H2 =
      """
      SELECT o.id AS organization_id
        FROM tenantkit.organizations o
       WHERE o.id > ?
         AND (o.key_policy LIKE '%"rotateAfter"%' OR o.key_policy LIKE '%"unusedAfter"%'
              OR EXISTS (SELECT 1 FROM tenantkit.api_keys k
                          WHERE k.organization_id = o.id AND k.expires_at > ? AND k.expires_at <= ? AND k.revoked_at IS NULL))
       ORDER BY o.id
       LIMIT ?""";
  private static final String ORGANIZATIONS_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_due_keys(?, ?, ?, ?)";

  /** Ends with the bound's condition and the order. */
  private static final String DUE =
      ApiKeyRows.SELECT
          + """
             WHERE organization_id = ? AND id > ? AND enabled AND revoked_at IS NULL AND successor_id IS NULL
               AND (expires_at IS NULL OR expires_at > ?)
               AND NOT EXISTS (SELECT 1 FROM tenantkit.key_notices n
                                WHERE n.organization_id = api_keys.organization_id AND n.key_id = api_keys.id AND n.kind = ?
                                  AND n.noticed_at > ?)
               AND\s""";

  private static final String ORDER = "\n ORDER BY id\n LIMIT ?";
  private static final String NOT_USED_SINCE = "COALESCE(last_used_at, created_at) < ?";
  private static final String CLAIM_AGAIN =
      """
      UPDATE tenantkit.key_notices
         SET noticed_at = ?
       WHERE organization_id = ? AND key_id = ? AND kind = ? AND noticed_at <= ?""";
  private static final String CLAIM =
      """
      INSERT INTO tenantkit.key_notices (organization_id, key_id, kind, noticed_at)
      SELECT k.organization_id, k.id, CAST(? AS varchar(16)), CAST(? AS timestamp(6) with time zone)
        FROM tenantkit.api_keys k
       WHERE k.organization_id = ? AND k.id = ?
         AND NOT EXISTS (SELECT 1 FROM tenantkit.key_notices n
                          WHERE n.organization_id = ? AND n.key_id = ? AND n.kind = ?)""";

  private final Transactions transactions;

  JdbcKeyUpkeep(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public List<OrganizationId> organizationsWithDueKeys(
      Instant endsAfter, Instant endsBy, @Nullable String afterId, int limit) {
    String after = afterId == null ? "" : afterId;
    if (transactions.dialect() == Dialect.POSTGRESQL) {
      return organizations(
          ORGANIZATIONS_POSTGRESQL, p -> p.time(endsAfter).time(endsBy).text(after).integer(limit));
    }
    return organizations(
        ORGANIZATIONS_H2, p -> p.text(after).time(endsAfter).time(endsBy).integer(limit));
  }

  private List<OrganizationId> organizations(String sql, Step.Binder binder) {
    return transactions.read(
        session ->
            session.query(sql, binder, row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public List<ApiKey> due(
      TenantContext context,
      Notice notice,
      Instant bound,
      Instant quietSince,
      Instant now,
      @Nullable String afterId,
      int limit) {
    String condition =
        switch (notice) {
          case NEAR_EXPIRY -> "expires_at <= ?";
          case ROTATION_DUE -> "created_at <= ?";
          case UNUSED -> NOT_USED_SINCE;
          case OLD_KEY_USED -> "";
        };
    if (condition.isEmpty()) {
      return List.of();
    }
    return transactions.read(
        context,
        session ->
            session.query(
                DUE + condition + ORDER,
                p ->
                    p.text(context.organization().value())
                        .text(afterId == null ? "" : afterId)
                        .time(now)
                        .text(notice.name())
                        .time(quietSince)
                        .time(bound)
                        .integer(limit),
                row -> ApiKeyRows.stored(row).key()));
  }

  @Override
  public boolean claim(
      TenantContext context, ApiKeyId id, Notice notice, Instant now, Instant quietSince) {
    String organization = context.organization().value();
    return transactions.write(
        context,
        session -> {
          try {
            int[] counts =
                session.execute(
                    new Step(
                        CLAIM_AGAIN,
                        p ->
                            p.time(now)
                                .text(organization)
                                .text(id.value())
                                .text(notice.name())
                                .time(quietSince)),
                    new Step(
                        CLAIM,
                        p ->
                            p.text(notice.name())
                                .time(now)
                                .text(organization)
                                .text(id.value())
                                .text(organization)
                                .text(id.value())
                                .text(notice.name())));
            return counts[0] + counts[1] == 1 || session.undo();
          } catch (SQLException e) {
            if (transactions.dialect().classify(e) == Dialect.Failure.DUPLICATE) {
              return session.undo();
            }
            throw e;
          }
        });
  }

  @Override
  public boolean revokeUnused(
      TenantContext context,
      StoredApiKey revoked,
      long expectedVersion,
      Instant since,
      AuditEvent event) {
    OwnRows.require(context.organization(), revoked.key().organization(), event.organization());
    return transactions.write(
        context,
        session -> {
          Optional<ApiKeyUpdate> update = ApiKeyUpdate.of(session, revoked.key(), expectedVersion);
          if (update.isEmpty()) {
            return session.undo();
          }
          Step step = update.get().onlyIf(NOT_USED_SINCE, p -> p.time(since)).step();
          // The event is written only when the row was, so it goes after.
          if (session.execute(step)[0] != 1) {
            return session.undo();
          }
          session.execute(JdbcAudit.insert(event));
          return true;
        });
  }
}
