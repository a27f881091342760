package io.tenantkit.apikey;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import org.jspecify.annotations.Nullable;

/**
 * Creates, verifies, rotates and revokes the API keys of organizations. Safe for use by several
 * threads. All operations but a cached {@link #verify} block on the storage.
 *
 * <p>A change made through this manager counts here from the next call on; one made on another
 * node, or inside a joined transaction, counts within the control plane's revocation bound after it
 * was committed.
 */
public interface ApiKeyManager {

  /**
   * Creates a key. Needs {@link io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and no key gets a scope
   * or an environment that the caller does not hold.
   *
   * @return the key with its secret, which is shown this once
   * @throws io.tenantkit.AccessDeniedException when the caller may not, or may not grant that much
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  IssuedApiKey create(TenantContext context, NewApiKey wanted);

  /**
   * Judges a presented key. Never throws for what a caller may present: null, empty, oversized and
   * malformed text are simply not found. Nothing is read from the storage when the verdict is known
   * from memory within the revocation bound.
   *
   * @param presented what the caller sent as its key
   * @param query the scopes it must hold
   * @throws io.tenantkit.StorageException when the storage is needed and fails; the key is then not
   *     accepted
   */
  default Verdict verify(@Nullable String presented, ScopeQuery query) {
    return verify(VerifyRequest.of(presented).scopes(query));
  }

  /**
   * Judges a presented key with all that is known of the call. As {@link #verify(String,
   * ScopeQuery)}, which leaves the address, the environment and the cost out.
   */
  Verdict verify(VerifyRequest request);

  /** One key. Needs {@link io.tenantkit.tenant.Scopes#API_KEYS_READ}. */
  ApiKey get(TenantContext context, ApiKeyId id);

  /** Keys by id. Needs {@link io.tenantkit.tenant.Scopes#API_KEYS_READ}. */
  Page<ApiKey> list(TenantContext context, PageRequest page);

  /**
   * Switches a key on. Does nothing when it is on. Needs {@link
   * io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and the caller must hold every scope and reach
   * every environment of the key.
   *
   * @throws io.tenantkit.ConflictException when the key is revoked
   */
  ApiKey enable(TenantContext context, ApiKeyId id);

  /**
   * Switches a key off until it is switched on again. Does nothing when it is off. Needs {@link
   * io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and the caller must reach every environment of the
   * key.
   *
   * @throws io.tenantkit.ConflictException when the key is revoked
   */
  ApiKey disable(TenantContext context, ApiKeyId id);

  /**
   * Revokes a key for ever. A key that is revoked stays so, with its first reason. Needs {@link
   * io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and the caller must reach every environment of the
   * key.
   *
   * @param reason why, 1 to 255 characters, kept with the key and in the audit trail
   */
  ApiKey revoke(TenantContext context, ApiKeyId id, String reason);

  /**
   * Replaces a key with a new one of the same name, mode, scopes and expiry. Of several concurrent
   * rotations one wins. Needs {@link io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and the caller
   * must hold every scope and reach every environment of the key.
   *
   * @return the successor with its secret, which is shown this once
   * @throws io.tenantkit.ConflictException when the key is revoked, expired, or was rotated
   *     already; then it names the successor
   */
  IssuedApiKey rotate(TenantContext context, ApiKeyId id, Rotation rotation);
}
