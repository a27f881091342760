package io.tenantkit.livekit;

import io.tenantkit.livekit.TokenVerification.Reason;
import io.tenantkit.livekit.TokenVerification.Refused;
import io.tenantkit.livekit.TokenVerification.Valid;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A token that has the right form; whether it is genuine is found out with the tenant's key. What
 * is not of the right form never costs a look into the vault.
 */
final class ReceivedToken {
  /** How far two clocks may be apart: what LiveKit's server grants. */
  static final Duration LEEWAY = Duration.ofSeconds(60);

  private final CompactJws jws;
  private final ClaimsReader claims;

  private ReceivedToken(CompactJws jws, ClaimsReader claims) {
    this.jws = jws;
    this.claims = claims;
  }

  static ReceivedToken parse(String text) throws TokenRefusal {
    CompactJws jws = CompactJws.parse(text);
    return new ReceivedToken(jws, ClaimsReader.read(jws.payload()));
  }

  /** {@code iss}; empty when there is none. */
  String issuer() {
    return claims.issuer().orElse("");
  }

  TokenVerification verify(String apiKey, SigningKey key, Instant now) {
    return verify(apiKey.equals(issuer()) ? List.of(key) : List.of(), now);
  }

  /**
   * Nothing about time is said of a token that is not genuine.
   *
   * @param keys those that its issuer has
   */
  TokenVerification verify(List<SigningKey> keys, Instant now) {
    if (keys.isEmpty()) {
      return new Refused(EnumSet.of(Reason.UNKNOWN_ISSUER));
    }
    boolean genuine = false;
    for (SigningKey key : keys) {
      genuine = genuine || jws.signedWith(key);
    }
    if (!genuine) {
      return new Refused(EnumSet.of(Reason.BAD_SIGNATURE));
    }
    Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    Optional<Instant> expiry = claims.expiresAt();
    if (expiry.isEmpty()) {
      reasons.add(Reason.MISSING_EXPIRY);
    } else if (!now.minus(LEEWAY).isBefore(expiry.get())) {
      reasons.add(Reason.EXPIRED);
    }
    if (claims.notBefore().isPresent() && now.plus(LEEWAY).isBefore(claims.notBefore().get())) {
      reasons.add(Reason.NOT_YET_VALID);
    }
    return reasons.isEmpty()
        ? new Valid(claims.verified(issuer(), expiry.orElseThrow()))
        : new Refused(reasons);
  }
}
