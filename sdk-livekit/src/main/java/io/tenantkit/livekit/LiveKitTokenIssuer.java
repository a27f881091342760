package io.tenantkit.livekit;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import org.jspecify.annotations.Nullable;

/**
 * Signs and verifies LiveKit tokens (JWT, RFC 7519, signed as RFC 7515 with HS256) with the
 * organization's own key pair out of the vault. The environment is the context's {@link
 * TenantContext#environment()}; a context that does not reach production never comes near
 * production's key.
 *
 * <p>Safe for use by several threads; all calls block on the storage, unless it says otherwise.
 */
public interface LiveKitTokenIssuer {
  /**
   * The longest token that is issued or looked at, in characters. LiveKit's server reads headers,
   * the request line among them, up to Go's 1 MiB: this leaves 48 KB of them for all else, and
   * still holds the longest metadata that the server allows.
   */
  int MAX_TOKEN_LENGTH = 1_000_000;

  /**
   * Signs a token. Its row in the ledger and the event {@code livekit.token.issued} with room,
   * identity, kind, grants, id and expiry are written as the policy's {@link LedgerMode} says:
   * unless it says otherwise, before the token is made. {@code iat} and {@code nbf} are now, {@code
   * exp} is now plus the request's time to live, all to the second.
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CREATE_SESSION}, and no scope for secrets;
   * for an agent's token {@link io.tenantkit.tenant.Scopes#LIVEKIT_AGENT} as well, and for what
   * gives power over others, hides from them or reaches beyond one room {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}. What the {@link TokenPolicy} holds back is refused.
   *
   * @throws io.tenantkit.AccessDeniedException when a scope is missing, the policy does not allow
   *     it, the identity was revoked in the room ({@link LiveKitRevocations}), or the organization
   *     is suspended
   * @throws io.tenantkit.RateLimitedException when the policy's limits admit no more for now
   * @throws io.tenantkit.NotFoundException when the organization does not exist or has no LiveKit
   *     credentials in this environment
   * @throws io.tenantkit.InvalidInputException when the token would be longer than {@link
   *     #MAX_TOKEN_LENGTH}
   * @throws io.tenantkit.TenantkitException with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED} inside a joined transaction
   */
  IssuedToken issue(TenantContext context, TokenRequest<?> request);

  /**
   * Verifies a token that somebody presents: HS256 alone, {@code iss} must be the organization's
   * API key or one that its credentials were replaced from with an overlap that lasts, the
   * signature right, {@code exp} there and not past, {@code nbf} not to come, with 60 seconds of
   * leeway, and neither the token nor its identity in its room revoked. Encodings are read
   * strictly, so no other text passes for the same token.
   *
   * <p>It leaves no event: the key does not leave and nothing is opened for it. What was replaced
   * or revoked on another node is seen within the plane's revocation bound. It does not ask whether
   * the organization is suspended.
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_READ}, and no scope for secrets.
   *
   * @throws io.tenantkit.AccessDeniedException when the scope is missing
   * @throws io.tenantkit.NotFoundException when the organization has no LiveKit credentials in this
   *     environment
   * @throws io.tenantkit.TenantkitException with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED} inside a joined transaction
   */
  TokenVerification verify(TenantContext context, @Nullable String jwt);

  /**
   * Tokens that were issued, in the order of their issue, from the environments in reach; each
   * until a day after its end. Those that wait to be written are not among them ({@link
   * LedgerMode#BATCHED}).
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_READ}.
   *
   * @throws io.tenantkit.TenantkitException with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED} inside a joined transaction
   */
  Page<TokenRecord> issued(TenantContext context, TokenQuery query, PageRequest page);

  /** How many {@link #issued} would give. */
  long count(TenantContext context, TokenQuery query);
}
