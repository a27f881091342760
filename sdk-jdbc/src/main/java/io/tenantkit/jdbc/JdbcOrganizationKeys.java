package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The wrapped keys of organizations. */
final class JdbcOrganizationKeys implements OrganizationKeyStore {
  private static final String SELECT =
      "SELECT key_number, key_id, master_key_id, wrapped, created_at FROM tenantkit.organization_keys\n";
  private static final String NEWEST =
      SELECT
          + " WHERE organization_id = ? AND master_key_id IS NOT NULL ORDER BY key_number DESC LIMIT 1";
  private static final String FIND =
      SELECT + " WHERE organization_id = ? AND key_id = ? AND master_key_id IS NOT NULL";
  private static final String TAKEN =
      "SELECT key_id FROM tenantkit.organization_keys WHERE organization_id = ? AND (key_number = ? OR key_id = ?)";

  /** A row whose master key is null was destroyed, and keeps its number and id from others. */
  private static final String RING =
      """
      SELECT key_number, key_id, master_key_id, wrapped, created_at, encryptions
        FROM tenantkit.organization_keys
       WHERE organization_id = ? AND master_key_id IS NOT NULL
       ORDER BY key_number""";

  private static final String INSERT =
      """
      INSERT INTO tenantkit.organization_keys
        (organization_id, key_number, key_id, master_key_id, wrapped, created_at)
      SELECT CAST(? AS varchar), CAST(? AS integer), CAST(? AS varchar), CAST(? AS varchar), CAST(? AS %s),
             CAST(? AS timestamp with time zone)
       WHERE NOT EXISTS (SELECT 1 FROM tenantkit.erasures WHERE organization_id = ? AND secret_id = '')""";
  private static final String REWRAP =
      """
      UPDATE tenantkit.organization_keys
         SET master_key_id = ?, wrapped = ?
       WHERE organization_id = ? AND key_id = ? AND wrapped = ?""";
  private static final String RESERVE =
      """
      UPDATE tenantkit.organization_keys
         SET encryptions = encryptions + ?
       WHERE organization_id = ? AND key_id = ? AND master_key_id IS NOT NULL""";
  private static final String RESERVED =
      "SELECT encryptions FROM tenantkit.organization_keys WHERE organization_id = ? AND key_id = ?";
  private static final String DUE_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organization_keys_due(?, ?, ?, ?)";
  private static final String DUE_H2 =
      """
      SELECT k.organization_id
        FROM tenantkit.organization_keys k
       WHERE (k.created_at <= ? OR k.encryptions >= ?) AND k.organization_id > ? AND k.master_key_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM tenantkit.organization_keys n
                          WHERE n.organization_id = k.organization_id AND n.key_number > k.key_number)
       ORDER BY k.organization_id
       LIMIT ?""";
  private static final String USED =
      """
      SELECT secret_id FROM tenantkit.secret_versions
       WHERE organization_id = ? AND organization_key_id = ? AND OCTET_LENGTH(wrapped_data_key) > 0
       LIMIT 1""";

  /**
   * A version without a data key is under no key, but its row has to name one: the newest, which is
   * not destroyed.
   */
  private static final String LET_GO =
      """
      UPDATE tenantkit.secret_versions
         SET organization_key_id = (SELECT n.key_id FROM tenantkit.organization_keys n
                                     WHERE n.organization_id = ? ORDER BY n.key_number DESC LIMIT 1)
       WHERE organization_id = ? AND organization_key_id = ? AND OCTET_LENGTH(wrapped_data_key) = 0""";

  private static final String DESTROY =
      """
      DELETE FROM tenantkit.organization_keys
       WHERE organization_id = ? AND key_id = ? AND master_key_id IS NOT NULL
         AND key_number < (SELECT max(n.key_number) FROM tenantkit.organization_keys n WHERE n.organization_id = ?)""";
  private static final String KNOWN_MASTER_KEY =
      "SELECT id FROM tenantkit.master_keys WHERE id = ?";

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
            INSERT.formatted(binary()),
            p ->
                p.text(organization)
                    .integer(key.number())
                    .text(key.keyId())
                    .text(key.masterKeyId())
                    .bytes(key.wrapped())
                    .time(key.createdAt())
                    .text(organization));
    boolean done =
        transactions.write(
            context,
            session -> {
              try {
                // The event first: it takes the lock of the organization's trail, so that nobody
                // erases the organization between the look and the commit.
                session.execute(JdbcAudit.insert(event));
                return session.execute(insert)[0] == 1 || session.undo();
              } catch (SQLException e) {
                return switch (transactions.dialect().classify(e)) {
                  case DUPLICATE, MISSING_PARENT -> session.undo();
                  default -> throw e;
                };
              }
            });
    return done || refusal(context, key);
  }

  private boolean refusal(TenantContext context, StoredOrganizationKey key) {
    String organization = context.organization().value();
    return transactions.read(
        context,
        session -> {
          if (session
              .first(Refusals.ORGANIZATION, p -> p.text(organization), row -> row.text("id"))
              .isEmpty()) {
            throw new NotFoundException("organization");
          }
          if (JdbcErasures.isErased(session, context)) {
            throw JdbcErasures.erased();
          }
          if (session
              .first(
                  TAKEN,
                  p -> p.text(organization).integer(key.number()).text(key.keyId()),
                  row -> row.text("key_id"))
              .isPresent()) {
            return false;
          }
          if (session
              .first(KNOWN_MASTER_KEY, p -> p.text(key.masterKeyId()), row -> row.text("id"))
              .isEmpty()) {
            throw retired(key.masterKeyId());
          }
          throw JdbcAudit.exists();
        });
  }

  static TenantkitException retired(String masterKeyId) {
    return new TenantkitException(
        ErrorCode.MASTER_KEY_MISMATCH, "the master key " + masterKeyId + " was retired");
  }

  private String binary() {
    return transactions.dialect() == Dialect.POSTGRESQL ? "bytea" : "varbinary";
  }

  @Override
  public List<Counted> ring(TenantContext context) {
    return transactions.read(
        context,
        session ->
            session.query(
                RING,
                p -> p.text(context.organization().value()),
                row -> new Counted(key(row), row.number("encryptions"))));
  }

  @Override
  public boolean rewrap(TenantContext context, List<Rewrapped> keys, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    String organization = context.organization().value();
    List<Step> steps =
        keys.stream()
            .map(
                each ->
                    new Step(
                        REWRAP,
                        p ->
                            p.text(each.after().masterKeyId())
                                .bytes(each.after().wrapped())
                                .text(organization)
                                .text(each.before().keyId())
                                .bytes(each.before().wrapped())))
            .toList();
    return transactions.write(
        context,
        session -> {
          try {
            for (int count : session.execute(steps)) {
              if (count != 1) {
                return session.undo();
              }
            }
          } catch (SQLException e) {
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              throw retired(keys.get(0).after().masterKeyId());
            }
            throw e;
          }
          session.execute(JdbcAudit.insert(event));
          return true;
        });
  }

  @Override
  public long reserve(TenantContext context, String keyId, long encryptions) {
    String organization = context.organization().value();
    return transactions.write(
        context,
        session -> {
          int[] counts =
              session.execute(
                  new Step(RESERVE, p -> p.number(encryptions).text(organization).text(keyId)));
          return counts[0] == 0
              ? 0L
              : session
                  .first(
                      RESERVED,
                      p -> p.text(organization).text(keyId),
                      row -> row.number("encryptions"))
                  .orElse(0L);
        });
  }

  @Override
  public List<OrganizationId> due(
      Instant createdBy, long encryptions, @Nullable String afterId, int limit) {
    return transactions.read(
        session ->
            session.query(
                transactions.dialect() == Dialect.POSTGRESQL ? DUE_POSTGRESQL : DUE_H2,
                p ->
                    p.time(createdBy)
                        .number(encryptions)
                        .text(afterId == null ? "" : afterId)
                        .integer(limit),
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public boolean destroy(TenantContext context, String keyId, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    String organization = context.organization().value();
    return transactions.write(
        context,
        session -> {
          if (session
              .first(USED, p -> p.text(organization).text(keyId), row -> row.text("secret_id"))
              .isPresent()) {
            return session.undo();
          }
          try {
            int[] counts =
                session.execute(
                    new Step(LET_GO, p -> p.text(organization).text(organization).text(keyId)),
                    new Step(DESTROY, p -> p.text(organization).text(keyId).text(organization)),
                    JdbcAudit.insert(event));
            return counts[1] == 1 || session.undo();
          } catch (SQLException e) {
            // A version was put under it meanwhile, which the foreign key holds; or no such tenant.
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              return session.undo();
            }
            throw e;
          }
        });
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
