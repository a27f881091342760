package io.tenantkit.livekit;

import io.tenantkit.tenant.TenantContext;
import org.jspecify.annotations.Nullable;

/**
 * Signs and verifies LiveKit tokens (JWT, RFC 7519, signed as RFC 7515 with HS256) with the
 * organization's own key pair out of the vault. The environment is the context's {@link
 * TenantContext#environment()}; a context that does not reach production never comes near
 * production's key.
 *
 * <p>Safe for use by several threads; both calls block on the storage.
 */
public interface LiveKitTokenIssuer {
  /**
   * The longest token that is issued or looked at, in characters. LiveKit's server reads headers,
   * the request line among them, up to Go's 1 MiB: this leaves 48 KB of them for all else, and
   * still holds the longest metadata that the server allows.
   */
  int MAX_TOKEN_LENGTH = 1_000_000;

  /**
   * Signs a token. The event {@code livekit.token.issued} with room, identity, kind, id and expiry
   * is committed before the token is made: there may be an event without a token, never a token
   * without an event. {@code iat} and {@code nbf} are now, {@code exp} is now plus the request's
   * time to live, all to the second.
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CREATE_SESSION}, and no scope for secrets;
   * for an agent's token {@link io.tenantkit.tenant.Scopes#LIVEKIT_AGENT} as well, and for what
   * gives power over others, hides from them or reaches beyond one room {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}. What the {@link TokenPolicy} holds back is refused.
   *
   * @throws io.tenantkit.AccessDeniedException when a scope is missing, the policy does not allow
   *     it, or the organization is suspended
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
   * API key, the signature right, {@code exp} there and not past, {@code nbf} not to come, with 60
   * seconds of leeway. Encodings are read strictly, so no other text passes for the same token. It
   * does not ask whether the organization is suspended.
   *
   * <p>Each token that has the right form uses the key and leaves one event {@code
   * livekit.token.checked}, which holds nothing of the token; other texts leave none. A host that
   * takes tokens from strangers limits their rate first.
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
}
