package io.tenantkit.spi;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * API keys. Every verb is atomic, sees only the caller's organization (but for {@link #lookup}),
 * and joins the transaction that the context carries.
 */
public interface ApiKeyStore {

  /**
   * Adds a key and writes the event.
   *
   * @throws io.tenantkit.ConflictException when the id is taken or the hash exists in any
   *     organization, in one and the same words; then nothing is written
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  void insert(TenantContext context, StoredApiKey key, AuditEvent event);

  /** One key. */
  Optional<StoredApiKey> find(TenantContext context, ApiKeyId id);

  /** Keys by id in ASCII order, from the first after {@code afterId}. */
  List<StoredApiKey> list(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Replaces a key when its version is still the expected one, and writes the event. The hash never
   * changes.
   *
   * @return false, with nothing written, when there is no such row at that version
   */
  boolean update(
      TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event);

  /**
   * Replaces the retired key, when its version is still the expected one, and adds its successor,
   * and writes the event: all or nothing.
   *
   * @return false, with nothing written, when there is no such row at that version
   */
  boolean rotate(
      TenantContext context,
      StoredApiKey retired,
      long expectedVersion,
      StoredApiKey successor,
      AuditEvent event);

  /** The key that was created under this idempotency id. */
  Optional<StoredApiKey> findCreated(TenantContext context, String idempotencyId);

  /**
   * Replaces a key whose creation is repeated, its hash included, when its version is still the
   * expected one and it was never used, and writes the event.
   *
   * @return false, with nothing written, when there is no such row at that version, or it was used
   * @throws io.tenantkit.ConflictException when the hash exists in any organization
   */
  boolean reissue(
      TenantContext context, StoredApiKey changed, long expectedVersion, AuditEvent event);

  /**
   * Records the first use of a key whose creation might be repeated. Does nothing when one is
   * recorded already.
   *
   * @return false when there is no such key with this hash any more
   */
  boolean recordFirstUse(TenantContext context, ApiKeyId id, KeyHash hash, Instant now);

  /**
   * Keys by id in ASCII order, from the first after {@code afterId}, that are not revoked, had not
   * expired at {@code since}, and were last used, or else created, before that.
   */
  List<StoredApiKey> listUnused(
      TenantContext context, Instant since, @Nullable String afterId, int limit);

  /**
   * The key with this hash in whichever organization, with that organization's status. One of the
   * closed list of cross-tenant reads: a caller who presents a key has no tenant yet. Never joins a
   * transaction.
   */
  Optional<KeyLookup> lookup(KeyHash hash);
}
