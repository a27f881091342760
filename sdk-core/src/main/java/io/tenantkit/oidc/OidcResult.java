package io.tenantkit.oidc;

import io.tenantkit.tenant.Role;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * The answer to a presented token. It is for the host: to the outside all refusals must look alike,
 * since a difference would tell who is a tenant here.
 */
public sealed interface OidcResult {

  /** Why a token was refused. */
  enum Reason {
    /** Not a signed token in compact form, too long, not strict, or with a header we refuse. */
    MALFORMED,
    /** Of an issuer that the host did not name. */
    UNKNOWN_ISSUER,
    /** Signed in a way that the host did not allow for this issuer. */
    ALGORITHM_REFUSED,
    /** Another kind of token: its {@code typ} is missing or not an allowed one. */
    WRONG_TYPE,
    /** The issuer has no such key, or not for this. */
    UNKNOWN_KEY,
    /** The issuer's keys cannot be had: try again later. */
    ISSUER_UNAVAILABLE,
    /** The signature is not the key's. */
    BAD_SIGNATURE,
    /** A claim is missing, null, of the wrong type or out of its range. */
    CLAIMS_INVALID,
    /** Its time has run out. */
    EXPIRED,
    /** Its time has not begun, or it was made in the future. */
    NOT_YET_VALID,
    /** Made for somebody else. */
    WRONG_AUDIENCE,
    /**
     * It names no organization, not the one that the caller asked for, or one that is not
     * registered.
     */
    ORGANIZATION_UNKNOWN,
    /** It names several organizations and the caller none. */
    ORGANIZATION_AMBIGUOUS,
    /** The organization is suspended. */
    ORGANIZATION_SUSPENDED,
    /** None of its roles is known here. */
    NO_ROLE
  }

  /**
   * The token is genuine and its organization is a tenant.
   *
   * @param tenant a context limited to the roles' powers, and to the token's scopes where those
   *     count; the host must not use it beyond {@code expiresAt}
   * @param issuer who vouches; a subject means something only together with it
   * @param subject the issuer's id of the person
   * @param roles in the organization, at least one
   * @param expiresAt when the token ends, without leeway
   */
  record Accepted(
      TenantContext tenant, String issuer, String subject, Set<Role> roles, Instant expiresAt)
      implements OidcResult {
    public Accepted {
      Objects.requireNonNull(tenant, "tenant");
      Objects.requireNonNull(issuer, "issuer");
      Objects.requireNonNull(subject, "subject");
      Objects.requireNonNull(expiresAt, "expiresAt");
      roles = Collections.unmodifiableSet(EnumSet.copyOf(roles));
    }
  }

  /**
   * The token is refused. Carries nothing of the token.
   *
   * @param reason the first that was found
   */
  record Refused(Reason reason) implements OidcResult {
    public Refused {
      Objects.requireNonNull(reason, "reason");
    }
  }
}
