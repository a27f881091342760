package io.tenantkit.apikey;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
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

  /** The most keys of one {@link #importKeys} call. */
  int MAX_IMPORT = 1_000;

  /**
   * Creates a key. Needs {@link io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and no key gets more
   * than the caller holds, whose own key, if it came with one, bounds it like this:
   *
   * <ul>
   *   <li>scopes and environments must be the caller's;
   *   <li>the end is the caller's when none is asked for; a later one is refused;
   *   <li>each limit of the caller that the key has not by the same name is inherited; one that
   *       admits more, over whatever window, or more at once, or counts or fails more loosely, is
   *       refused;
   *   <li>credits and addresses are inherited when none are asked for; more are refused.
   * </ul>
   *
   * <p>Each key has limits of its own, so n keys have n of them: what bounds their sum is the
   * organization's pool.
   *
   * <p>The organization's policy bounds the lifetime, which is its longest when none is asked for,
   * and gives keys their first characters. It is known here for at most the revocation bound.
   *
   * <p>When the connection breaks while committing, the call finds out by itself what became of the
   * key, as all operations here do that change one, unless they run in a joined transaction.
   *
   * <p>With an {@link NewApiKey#idempotencyId(String)} the call may be repeated. Of several answers
   * the secret of the one with the highest {@link ApiKey#version()} works; the earlier ones are
   * dead here when it is given. None that was ever accepted is replaced.
   *
   * @return the key with its secret, which is shown this once
   * @throws io.tenantkit.AccessDeniedException when the caller may not, or may not grant that much
   * @throws io.tenantkit.InvalidInputException when the lifetime is longer than the policy allows
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.ConflictException when the idempotency id has made its key already, or was
   *     used for another request; then it names the key
   * @throws io.tenantkit.StorageException with {@link io.tenantkit.ErrorCode#COMMIT_UNKNOWN} when
   *     it cannot be found out whether the key is there; its secret is then nobody's
   */
  IssuedApiKey create(TenantContext context, NewApiKey wanted);

  /**
   * Takes over a key of which only the hash is known, under the rules of {@link #create}.
   *
   * @throws io.tenantkit.ConflictException when it cannot be stored; a hash that exists in any
   *     organization gets the same answer as any other conflict
   */
  ApiKey importKey(TenantContext context, ImportedKey wanted);

  /**
   * Takes over several keys, each by itself: one that is refused leaves the others alone. When the
   * storage fails, the rows after that are not tried and say so.
   *
   * @param wanted 1 to {@value #MAX_IMPORT}
   * @return a result for each, in their order
   */
  List<ImportResult> importKeys(TenantContext context, List<ImportedKey> wanted);

  /**
   * Judges a presented key. Never throws for what a caller may present: null, empty, oversized and
   * malformed text are simply not found. Nothing is read from the storage when the verdict is known
   * from memory within the revocation bound.
   *
   * <p>The first verification of a key that was created with an {@link
   * NewApiKey#idempotencyId(String)} writes down that it was used, for from then on no repeat of
   * the creation replaces it. On a database that refuses writes it therefore fails, with {@link
   * io.tenantkit.ErrorCode#STORAGE_READ_ONLY}; the later ones only read. On a standby server, which
   * may lag behind a revocation, every verification that memory does not answer fails so.
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
   * io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and the caller must be one who could create such a
   * key.
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
   * Replaces a key with a new one of the same name, mode, grants and expiry. Of several concurrent
   * rotations one wins; {@link Rotation} says what becomes of a key in each of its states. Needs
   * {@link io.tenantkit.tenant.Scopes#API_KEYS_WRITE}, and the caller must be one who could create
   * such a key.
   *
   * @return the successor with its secret, which is shown this once
   * @throws io.tenantkit.ConflictException when the key is revoked or expired, or was rotated
   *     already; then its {@code existingId} is the successor
   */
  IssuedApiKey rotate(TenantContext context, ApiKeyId id, Rotation rotation);

  /**
   * Keys by id that are neither revoked nor ended at {@code since} and were not used from then on,
   * nor created. Needs {@link io.tenantkit.tenant.Scopes#API_KEYS_READ}.
   *
   * @param since at least an hour ago, since use is written in batches
   */
  Page<ApiKey> unused(TenantContext context, Instant since, PageRequest page);

  /**
   * Revokes those keys, each by itself and with its own line in the audit trail. A key that is used
   * meanwhile is left, as are those whose environments the context does not reach, and the one that
   * the caller itself came with. Needs {@link io.tenantkit.tenant.Scopes#API_KEYS_WRITE}. When it
   * fails half-way, what was revoked stays so, and the call may be repeated.
   *
   * @param since at least an hour ago
   * @param reason why, 1 to 255 characters
   * @return which were revoked
   */
  List<ApiKeyId> revokeUnused(TenantContext context, Instant since, String reason);
}
