package io.tenantkit.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.oidc.OidcResult.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The registered claims of a token whose signature held (RFC 7519 §4.1), read strictly: a claim
 * that is there must have its type, so {@code null} is never taken for absent.
 */
final class AccessToken {
  /** The end of the year 9999. */
  private static final double MAX_SECONDS = 253_402_300_799.0;

  private static final int MAX_AUDIENCES = 100;

  private final JsonNode claims;
  private final String subject;
  private final List<String> audiences;
  private final Instant expiresAt;

  private AccessToken(JsonNode claims) throws LoginRefusal {
    this.claims = claims;
    this.subject = text(claims, "sub");
    this.audiences = audiences(claims.path("aud"));
    @Nullable Instant expiry = time(claims, "exp");
    if (expiry == null) {
      throw new LoginRefusal(Reason.CLAIMS_INVALID);
    }
    this.expiresAt = expiry;
  }

  /** The claims, within their time and for this host. */
  static AccessToken judge(JsonNode claims, OidcIssuer issuer, Instant now) throws LoginRefusal {
    AccessToken token = new AccessToken(claims);
    Duration leeway = issuer.leeway();
    @Nullable Instant notBefore = time(claims, "nbf");
    @Nullable Instant issuedAt = time(claims, "iat");
    if (!now.isBefore(token.expiresAt.plus(leeway))) {
      throw new LoginRefusal(Reason.EXPIRED);
    }
    Instant latest = now.plus(leeway);
    if ((notBefore != null && notBefore.isAfter(latest))
        || (issuedAt != null && issuedAt.isAfter(latest))) {
      throw new LoginRefusal(Reason.NOT_YET_VALID);
    }
    if (token.audiences.stream().noneMatch(audience -> accepts(issuer, audience))) {
      throw new LoginRefusal(Reason.WRONG_AUDIENCE);
    }
    return token;
  }

  /** The issuer that a token claims, before anything of it is trusted. */
  static String issuer(JsonNode claims) throws LoginRefusal {
    return text(claims, "iss");
  }

  JsonNode claims() {
    return claims;
  }

  String subject() {
    return subject;
  }

  List<String> audiences() {
    return audiences;
  }

  Instant expiresAt() {
    return expiresAt;
  }

  private static boolean accepts(OidcIssuer issuer, String audience) {
    return issuer.audiences().contains(audience)
        || issuer
            .claims()
            .audiencePrefix()
            .filter(prefix -> audience.length() > prefix.length() && audience.startsWith(prefix))
            .isPresent();
  }

  private static String text(JsonNode claims, String name) throws LoginRefusal {
    @Nullable String value = claims.path(name).textValue();
    if (value == null || value.isEmpty()) {
      throw new LoginRefusal(Reason.CLAIMS_INVALID);
    }
    return value;
  }

  private static List<String> audiences(JsonNode claim) throws LoginRefusal {
    List<String> found = new ArrayList<>();
    for (JsonNode each : claim.isArray() ? claim : List.of(claim)) {
      if (!each.isTextual() || found.size() == MAX_AUDIENCES) {
        throw new LoginRefusal(Reason.CLAIMS_INVALID);
      }
      found.add(each.textValue());
    }
    return found;
  }

  /** A NumericDate, which may have a fraction; it is cut off. */
  private static @Nullable Instant time(JsonNode claims, String name) throws LoginRefusal {
    JsonNode claim = claims.get(name);
    if (claim == null) {
      return null;
    }
    double seconds = claim.doubleValue();
    if (!claim.isNumber() || !(seconds >= 0 && seconds <= MAX_SECONDS)) {
      throw new LoginRefusal(Reason.CLAIMS_INVALID);
    }
    return Instant.ofEpochSecond((long) seconds);
  }
}
