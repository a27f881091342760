package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The wrapped keys of organizations. */
final class JdbcOrganizationKeys implements OrganizationKeyStore {
  private static final String SELECT =
      "SELECT key_number, key_id, master_key_id, wrapped, created_at FROM tenantkit.organization_keys\n";
  private static final String NEWEST =
      SELECT + " WHERE organization_id = ? ORDER BY key_number DESC LIMIT 1";
  private static final String FIND = SELECT + " WHERE organization_id = ? AND key_id = ?";
  private static final String TAKEN =
      "SELECT key_id FROM tenantkit.organization_keys WHERE organization_id = ? AND (key_number = ? OR key_id = ?)";
  private static final String INSERT =
      """
      INSERT INTO tenantkit.organization_keys
        (organization_id, key_number, key_id, master_key_id, wrapped, created_at)
      VALUES (?, ?, ?, ?, ?, ?)""";

  private final Transactions transactions;

  JdbcOrganizationKeys(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Optional<StoredOrganizationKey> newest(TenantContext context) {
    return transactions.read(
        context,
        session ->
            session.first(
                NEWEST, p -> p.text(context.organization().value()), JdbcOrganizationKeys::key));
  }

  @Override
  public Optional<StoredOrganizationKey> find(TenantContext context, String keyId) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND,
                p -> p.text(context.organization().value()).text(keyId),
                JdbcOrganizationKeys::key));
  }

  @Override
  public boolean insert(TenantContext context, StoredOrganizationKey key, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    String organization = context.organization().value();
    Step insert =
        new Step(
            INSERT,
            p ->
                p.text(organization)
                    .integer(key.number())
                    .text(key.keyId())
                    .text(key.masterKeyId())
                    .bytes(key.wrapped())
                    .time(key.createdAt()));
    return Refusals.attempt(
        transactions,
        context,
        List.of(insert, JdbcAudit.insert(event)),
        session ->
            session
                .first(
                    TAKEN,
                    p -> p.text(organization).integer(key.number()).text(key.keyId()),
                    row -> row.text("key_id"))
                .isPresent());
  }

  private static StoredOrganizationKey key(Row row) throws SQLException {
    return new StoredOrganizationKey(
        row.integer("key_number"),
        row.text("key_id"),
        row.text("master_key_id"),
        row.bytes("wrapped"),
        row.time("created_at"));
  }
}
