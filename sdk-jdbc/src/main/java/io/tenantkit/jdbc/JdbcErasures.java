package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.WrappedKeyStore;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was erased for ever, and the keys that sign the records of it. */
final class JdbcErasures implements ErasureStore {
  /** The end of an insert's SELECT; its parameter is the organization. */
  static final String UNLESS_ERASED =
      """
       WHERE NOT EXISTS (SELECT 1 FROM tenantkit.erasures x WHERE x.organization_id = ? AND x.secret_id = '')""";

  private static final String SELECT =
      "SELECT organization_id, id, secret_id, erased_at, record FROM tenantkit.erasures\n";
  private static final String LIST = SELECT + " WHERE organization_id = ? ORDER BY id";
  private static final String LIST_ALL =
      SELECT
          + " WHERE organization_id >= ? AND (organization_id > ? OR id > ?) ORDER BY organization_id, id LIMIT ?";
  private static final String ERASED =
      "SELECT id FROM tenantkit.erasures WHERE organization_id = ? AND secret_id = '' LIMIT 1";
  private static final String KEEP =
      """
      INSERT INTO tenantkit.erasures (organization_id, id, secret_id, erased_at, record)
      SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS varchar), CAST(? AS timestamp with time zone),
             CAST(? AS varchar)
       WHERE NOT EXISTS (SELECT 1 FROM tenantkit.erasures WHERE organization_id = ? AND id = ?)""";
  private static final String KEYS_OF =
      """
      SELECT key_id FROM tenantkit.organization_keys
       WHERE organization_id = ? AND master_key_id IS NOT NULL
       ORDER BY key_number""";
  private static final String DESTROY_KEYS =
      """
      UPDATE tenantkit.organization_keys
         SET master_key_id = NULL, wrapped = ?
       WHERE organization_id = ? AND master_key_id IS NOT NULL""";
  private static final String DELETE_MARKS =
      "DELETE FROM tenantkit.credential_marks WHERE organization_id = ?";
  private static final String DELETE_HOLDERS =
      "DELETE FROM tenantkit.credential_holders WHERE organization_id = ?";
  private static final String DELETE_SECRET =
      "DELETE FROM tenantkit.secrets WHERE organization_id = ? AND id = ?";

  /** They have no foreign key, which would need a second index. */
  private static final String DELETE_TAGS =
      "DELETE FROM tenantkit.secret_tags WHERE organization_id = ? AND secret_id = ?";

  private static final byte[] NOTHING = {};

  private final Transactions transactions;
  private final WrappedKeyStore keys;

  JdbcErasures(Transactions transactions) {
    this.transactions = transactions;
    this.keys = new JdbcWrappedKeys(transactions, "tenantkit.erasure_keys", "public_key");
  }

  @Override
  public boolean isErased(TenantContext context) {
    return transactions.read(context, session -> isErased(session, context));
  }

  static boolean isErased(Session session, TenantContext context) throws SQLException {
    return session
        .first(ERASED, p -> p.text(context.organization().value()), row -> row.text("id"))
        .isPresent();
  }

  static TenantkitException erased() {
    return new TenantkitException(
        ErrorCode.ORGANIZATION_ERASED, "the organization's keys were destroyed");
  }

  @Override
  public Optional<List<String>> eraseOrganization(
      TenantContext context, StoredErasure erasure, AuditEvent event) {
    OwnRows.require(context.organization(), erasure.organization(), event.organization());
    String organization = context.organization().value();
    return transactions.write(
        context,
        session -> {
          // The event first: its lock keeps others from adding a key until this is committed.
          begin(session, event);
          ErasureLock.exclusive(session, transactions.dialect(), context);
          boolean kept = keep(session, erasure);
          List<String> destroyed =
              session.query(KEYS_OF, p -> p.text(organization), row -> row.text("key_id"));
          if (!kept && destroyed.isEmpty()) {
            session.undo();
            return Optional.empty();
          }
          session.execute(
              new Step(DESTROY_KEYS, p -> p.bytes(NOTHING).text(organization)),
              new Step(JdbcPresences.ERASE, p -> p.text(organization)),
              new Step(JdbcReceivedEvents.ERASE, p -> p.text(organization)),
              new Step(DELETE_MARKS, p -> p.text(organization)),
              new Step(DELETE_HOLDERS, p -> p.text(organization)));
          return Optional.of(destroyed);
        });
  }

  @Override
  public boolean eraseSecret(TenantContext context, StoredErasure erasure, AuditEvent event) {
    OwnRows.require(context.organization(), erasure.organization(), event.organization());
    return transactions.write(
        context,
        session -> {
          begin(session, event);
          boolean kept = keep(session, erasure);
          int[] counts =
              session.execute(
                  new Step(
                      DELETE_SECRET,
                      p -> p.text(context.organization().value()).text(erasure.secretId())),
                  new Step(
                      DELETE_TAGS,
                      p -> p.text(context.organization().value()).text(erasure.secretId())));
          return kept || counts[0] > 0 || session.undo();
        });
  }

  private void begin(Session session, AuditEvent event) throws SQLException {
    try {
      session.execute(JdbcAudit.insert(event));
    } catch (SQLException e) {
      if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
        throw new NotFoundException("organization");
      }
      throw e;
    }
  }

  private static boolean keep(Session session, StoredErasure erasure) throws SQLException {
    String organization = erasure.organization().value();
    return session
            .execute(
                new Step(
                    KEEP,
                    p ->
                        p.text(organization)
                            .text(erasure.id())
                            .text(erasure.secretId())
                            .time(erasure.at())
                            .text(erasure.text())
                            .text(organization)
                            .text(erasure.id())))[0]
        == 1;
  }

  @Override
  public List<StoredErasure> list(TenantContext context) {
    return transactions.read(
        context,
        session ->
            session.query(
                LIST, p -> p.text(context.organization().value()), JdbcErasures::erasure));
  }

  @Override
  public List<StoredErasure> list(Operator operator, @Nullable StoredErasure after, int limit) {
    String organization = after == null ? "" : after.organization().value();
    String id = after == null ? "" : after.id();
    return transactions.read(
        operator,
        session ->
            session.query(
                LIST_ALL,
                p -> p.text(organization).text(organization).text(id).integer(limit),
                JdbcErasures::erasure));
  }

  private static StoredErasure erasure(Row row) throws SQLException {
    return new StoredErasure(
        OrganizationId.of(row.text("organization_id")),
        row.text("id"),
        row.text("secret_id"),
        row.time("erased_at"),
        row.text("record"));
  }

  @Override
  public WrappedKeyStore keys() {
    return keys;
  }
}
