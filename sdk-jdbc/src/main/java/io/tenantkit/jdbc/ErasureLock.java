package io.tenantkit.jdbc;

import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;

/**
 * Keeps an organization's erasure apart from those who write what it erases and write no audit
 * event, whose lock would do the same. It lasts until the end of the transaction. Of PostgreSQL: an
 * H2 file has one writer at a time.
 */
final class ErasureLock {
  /** One row, for a FROM; its parameter is the organization. */
  static final String SHARED =
      "pg_advisory_xact_lock_shared(hashtext('tenantkit.erasures'), hashtext(?))";

  private static final String EXCLUSIVE =
      "SELECT 1 AS locked FROM pg_advisory_xact_lock(hashtext('tenantkit.erasures'), hashtext(?))";

  private ErasureLock() {}

  /** Whoever has it shared ends before this returns. */
  static void exclusive(Session session, Dialect dialect, TenantContext context)
      throws SQLException {
    if (dialect == Dialect.POSTGRESQL) {
      session.query(
          EXCLUSIVE, p -> p.text(context.organization().value()), row -> row.integer("locked"));
    }
  }
}
