package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * API keys. Rows written by hand, with only the columns that the host knows, read like any other.
 */
final class JdbcApiKeys implements ApiKeyStore {
  private static final String COLUMNS =
      "organization_id, id, name, key_prefix, mode, scopes, enabled, created_by, created_at, updated_at, expires_at,"
          + " revoked_at, revoked_reason, family_id, successor_id, version";
  private static final String INSERT =
      "INSERT INTO tenantkit.api_keys ("
          + COLUMNS
          + ", key_hash)\n"
          + "VALUES (?, ?, ?, ?, ?, ?json, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String SELECT = "SELECT " + COLUMNS + ", key_hash FROM tenantkit.api_keys\n";
  private static final String FIND = SELECT + " WHERE organization_id = ? AND id = ?";
  private static final String LIST =
      SELECT + " WHERE organization_id = ? AND id > ? ORDER BY id LIMIT ?";
  private static final String UPDATE =
      """
      UPDATE tenantkit.api_keys
         SET name = ?, key_prefix = ?, mode = ?, scopes = ?json, enabled = ?, created_by = ?, created_at = ?,
             updated_at = ?, expires_at = ?, revoked_at = ?, revoked_reason = ?, family_id = ?, successor_id = ?,
             version = ?
       WHERE organization_id = ? AND id = ? AND version = ?""";
  private static final String LOOKUP_H2 =
      """
      SELECT k.organization_id, k.id, k.name, k.key_prefix, k.mode, k.scopes, k.enabled, k.created_by, k.created_at,
             k.updated_at, k.expires_at, k.revoked_at, k.revoked_reason, k.family_id, k.successor_id, k.version,
             o.status AS organization_status
        FROM tenantkit.api_keys k
        JOIN tenantkit.organizations o ON o.id = k.organization_id
       WHERE k.key_hash = ?""";
  private static final String LOOKUP_POSTGRESQL =
      "SELECT " + COLUMNS + ", organization_status FROM tenantkit.api_key_by_hash(?)";
  private static final String UNKNOWN_REASON = "not recorded";

  private final Transactions transactions;
  private final String lookup;

  JdbcApiKeys(Transactions transactions) {
    this.transactions = transactions;
    this.lookup = transactions.dialect() == Dialect.POSTGRESQL ? LOOKUP_POSTGRESQL : LOOKUP_H2;
  }

  @Override
  public void insert(TenantContext context, StoredApiKey key, AuditEvent event) {
    requireOwn(context, key, event);
    transactions.<Boolean>write(
        context,
        session -> {
          add(session, key, event);
          return true;
        });
  }

  private void add(Session session, StoredApiKey key, AuditEvent event) throws SQLException {
    try {
      session.execute(insert(key), JdbcAudit.insert(event));
    } catch (SQLException e) {
      switch (transactions.dialect().classify(e)) {
        case DUPLICATE -> throw new ConflictException("api key cannot be stored");
        case MISSING_PARENT -> throw new NotFoundException("organization");
        default -> throw e;
      }
    }
  }

  @Override
  public Optional<StoredApiKey> find(TenantContext context, ApiKeyId id) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND,
                p -> p.text(context.organization().value()).text(id.value()),
                JdbcApiKeys::stored));
  }

  @Override
  public List<StoredApiKey> list(TenantContext context, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p ->
                    p.text(context.organization().value())
                        .text(afterId == null ? "" : afterId)
                        .integer(limit),
                JdbcApiKeys::stored));
  }

  @Override
  public boolean update(
      TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
    requireOwn(context, changed, event);
    return transactions.write(
        context,
        session -> {
          try {
            int[] counts =
                session.execute(update(changed.key(), expectedVersion), JdbcAudit.insert(event));
            return counts[0] == 1 || session.undo();
          } catch (SQLException e) {
            // Only the event refers to another row: the organization that is not there.
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              return session.undo();
            }
            throw e;
          }
        });
  }

  @Override
  public boolean rotate(
      TenantContext context,
      StoredApiKey retired,
      long expectedVersion,
      StoredApiKey successor,
      AuditEvent event) {
    requireOwn(context, retired, event);
    requireOwn(context, successor, event);
    return transactions.write(
        context,
        session -> {
          // Apart from the insert, so that whoever lost the race is told so and nothing else.
          if (session.execute(update(retired.key(), expectedVersion))[0] != 1) {
            return session.undo();
          }
          add(session, successor, event);
          return true;
        });
  }

  @Override
  public Optional<KeyLookup> lookup(KeyHash hash) {
    return transactions.read(
        session ->
            session.first(
                lookup,
                p -> p.text(hash.hex()),
                row ->
                    new KeyLookup(
                        key(row), Organization.Status.valueOf(row.text("organization_status")))));
  }

  private static void requireOwn(TenantContext context, StoredApiKey key, AuditEvent event) {
    OwnRows.require(context.organization(), key.key().organization());
    OwnRows.require(context.organization(), event.organization());
  }

  private static Step insert(StoredApiKey stored) {
    ApiKey key = stored.key();
    return new Step(
        INSERT,
        p -> {
          p.text(key.organization().value()).text(key.id().value());
          p.text(key.name())
              .text(key.prefix())
              .text(key.mode().name())
              .text(Json.scopes(key.scopes()));
          changeable(p, key);
          p.number(key.version()).text(stored.hash().hex());
        });
  }

  private static Step update(ApiKey key, long expectedVersion) {
    return new Step(
        UPDATE,
        p -> {
          p.text(key.name())
              .text(key.prefix())
              .text(key.mode().name())
              .text(Json.scopes(key.scopes()));
          changeable(p, key);
          p.number(key.version());
          p.text(key.organization().value()).text(key.id().value()).number(expectedVersion);
        });
  }

  private static void changeable(Params p, ApiKey key) throws SQLException {
    p.flag(key.enabled())
        .text(key.createdBy())
        .time(key.createdAt())
        .time(key.updatedAt())
        .time(key.expiresAt())
        .time(key.revocation().map(ApiKey.Revocation::at))
        .text(key.revocation().map(ApiKey.Revocation::reason).orElse(null))
        .text(key.family().value())
        .text(key.successor().map(ApiKeyId::value).orElse(null));
  }

  private static StoredApiKey stored(Row row) throws SQLException {
    return new StoredApiKey(key(row), KeyHash.parse(row.text("key_hash")));
  }

  private static ApiKey key(Row row) throws SQLException {
    ApiKeyId id = ApiKeyId.of(row.text("id"));
    String prefix = row.text("key_prefix");
    String mode = row.textOrNull("mode");
    String family = row.textOrNull("family_id");
    String reason = row.textOrNull("revoked_reason");
    return new ApiKey(
        id,
        OrganizationId.of(row.text("organization_id")),
        row.text("name"),
        prefix,
        mode == null ? KeyMode.ofPrefix(prefix) : KeyMode.valueOf(mode),
        Json.scopes(row.text("scopes")),
        row.flag("enabled"),
        row.text("created_by"),
        row.time("created_at"),
        row.time("updated_at"),
        row.optionalTime("expires_at"),
        row.optionalTime("revoked_at")
            .map(at -> new ApiKey.Revocation(at, reason == null ? UNKNOWN_REASON : reason)),
        family == null ? id : ApiKeyId.of(family),
        Optional.ofNullable(row.textOrNull("successor_id")).map(ApiKeyId::of),
        row.number("version"));
  }
}
