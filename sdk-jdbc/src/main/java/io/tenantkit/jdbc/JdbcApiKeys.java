package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.IdempotentCreation;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * API keys. Rows written by hand, with only the columns that the host knows, read like any other.
 */
final class JdbcApiKeys implements ApiKeyStore {
  private static final String INSERT =
      "INSERT INTO tenantkit.api_keys (organization_id, id, "
          + ApiKeyRows.CHANGEABLE
          + ", key_hash, idempotency_id, idempotency_request, first_used_at)\nVALUES (?, ?, "
          + ApiKeyRows.PLACES
          + ", ?, ?, ?, ?)";
  private static final String FIND = ApiKeyRows.SELECT + " WHERE organization_id = ? AND id = ?";
  private static final String FIND_CREATED =
      ApiKeyRows.SELECT + " WHERE organization_id = ? AND idempotency_id = ?";
  private static final String LIST =
      ApiKeyRows.SELECT + " WHERE organization_id = ? AND id > ? ORDER BY id LIMIT ?";
  private static final String LIST_UNUSED =
      ApiKeyRows.SELECT
          + """
             WHERE organization_id = ? AND id > ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
               AND COALESCE(last_used_at, created_at) < ?
             ORDER BY id
             LIMIT ?""";
  private static final String MAY_BE_REISSUED =
      "idempotency_id IS NOT NULL AND first_used_at IS NULL";
  private static final String FIRST_USE =
      """
      UPDATE tenantkit.api_keys
         SET first_used_at = COALESCE(first_used_at, ?)
       WHERE organization_id = ? AND id = ? AND key_hash = ?""";
  private static final String LOOKUP_COLUMNS =
      "id, organization_id, name, description, key_prefix, mode, scopes, rate_limit, credits, allowed_addresses, enabled, created_by,"
          + " created_at, updated_at, expires_at, revoked_at, revoked_reason, family_id, successor_id, version";
  private static final String LOOKUP_H2 =
      "SELECT "
          + Stream.of(LOOKUP_COLUMNS.split(", ?", -1))
              .map(column -> "k." + column)
              .collect(Collectors.joining(", "))
          + """
            , k.idempotency_id IS NOT NULL AND k.first_used_at IS NULL AS awaits_first_use,
                   o.status AS organization_status, o.rate_limit AS organization_rate_limit
              FROM tenantkit.api_keys k
              JOIN tenantkit.organizations o ON o.id = k.organization_id
             WHERE k.key_hash = ?""";
  private static final String LOOKUP_POSTGRESQL =
      "SELECT "
          + LOOKUP_COLUMNS
          + ", awaits_first_use, organization_status, organization_rate_limit FROM tenantkit.presented_key(?)";

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
                ApiKeyRows::stored));
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
                ApiKeyRows::stored));
  }

  @Override
  public boolean update(
      TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
    requireOwn(context, changed, event);
    return transactions.write(
        context,
        session -> {
          try {
            Optional<ApiKeyUpdate> update =
                ApiKeyUpdate.of(session, changed.key(), expectedVersion);
            if (update.isEmpty()) {
              return session.undo();
            }
            int[] counts = session.execute(update.get().step(), JdbcAudit.insert(event));
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
          Optional<ApiKeyUpdate> update = ApiKeyUpdate.of(session, retired.key(), expectedVersion);
          // Apart from the insert, so that whoever lost the race is told so and nothing else.
          if (update.isEmpty() || session.execute(update.get().step())[0] != 1) {
            return session.undo();
          }
          add(session, successor, event);
          return true;
        });
  }

  @Override
  public Optional<StoredApiKey> findCreated(TenantContext context, String idempotencyId) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND_CREATED,
                p -> p.text(context.organization().value()).text(idempotencyId),
                ApiKeyRows::stored));
  }

  @Override
  public boolean reissue(
      TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event) {
    requireOwn(context, changed, event);
    return transactions.write(
        context,
        session -> {
          try {
            Optional<ApiKeyUpdate> update =
                ApiKeyUpdate.of(session, changed.key(), expectedVersion);
            if (update.isEmpty()) {
              return session.undo();
            }
            Step step =
                update
                    .get()
                    .also("key_hash = ?", p -> p.text(changed.hash().hex()))
                    .onlyIf(MAY_BE_REISSUED, p -> {})
                    .step();
            int[] counts = session.execute(step, JdbcAudit.insert(event));
            return counts[0] == 1 || session.undo();
          } catch (SQLException e) {
            switch (transactions.dialect().classify(e)) {
              case DUPLICATE -> throw new ConflictException("api key cannot be stored");
              case MISSING_PARENT -> {
                return session.undo();
              }
              default -> throw e;
            }
          }
        });
  }

  @Override
  public boolean recordFirstUse(TenantContext context, ApiKeyId id, KeyHash hash, Instant now) {
    return transactions.write(
        context,
        session ->
            session
                        .execute(
                            new Step(
                                FIRST_USE,
                                p ->
                                    p.time(now)
                                        .text(context.organization().value())
                                        .text(id.value())
                                        .text(hash.hex())))[0]
                    == 1
                || session.undo());
  }

  @Override
  public List<StoredApiKey> listUnused(
      TenantContext context, Instant since, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                LIST_UNUSED,
                p ->
                    p.text(context.organization().value())
                        .text(afterId == null ? "" : afterId)
                        .time(since)
                        .time(since)
                        .integer(limit),
                ApiKeyRows::stored));
  }

  @Override
  public Optional<KeyLookup> lookup(KeyHash hash) {
    return transactions.read(
        session -> session.first(lookup, p -> p.text(hash.hex()), ApiKeyRows::lookup));
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
          ApiKeyRows.changeable(p, key);
          p.text(stored.hash().hex());
          p.text(stored.creation().map(IdempotentCreation::id).orElse(null))
              .text(stored.creation().map(how -> how.request().hex()).orElse(null))
              .time(stored.creation().flatMap(IdempotentCreation::firstUsedAt));
        });
  }
}
