package io.tenantkit.livekit;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** The answer to a presented token. */
public sealed interface TokenVerification {

  /** Why a token was refused. */
  enum Reason {
    /** Not a JWT in the one form that is accepted, or a claim of the wrong type. */
    MALFORMED,
    /** Signed with another algorithm than HS256, or not at all. */
    WRONG_ALGORITHM,
    /** Its {@code iss} is not an API key of this tenant's. */
    UNKNOWN_ISSUER,
    /** Not signed with that key's secret, or altered since. */
    BAD_SIGNATURE,
    /** Genuine, but it never expires. */
    MISSING_EXPIRY,
    /** Genuine, but its time has run out. */
    EXPIRED,
    /** Genuine, but its time has not come. */
    NOT_YET_VALID,
    /** Genuine and in time, but it was revoked, or its identity in its room. */
    REVOKED
  }

  /**
   * The token is this tenant's and good now.
   *
   * @param claims what it says
   */
  record Valid(TokenClaims claims) implements TokenVerification {
    /** Checks that the claims are there. */
    public Valid {
      Objects.requireNonNull(claims, "claims");
    }
  }

  /**
   * The token is refused. Reasons about time are given only for a token whose signature is right,
   * so {@link Reason#EXPIRED} alone does say that the token was genuine.
   *
   * @param reasons at least one, in the order of the enum
   */
  record Refused(Set<Reason> reasons) implements TokenVerification {
    /** Copies the reasons. */
    public Refused {
      reasons = Collections.unmodifiableSet(EnumSet.copyOf(reasons));
    }
  }
}
