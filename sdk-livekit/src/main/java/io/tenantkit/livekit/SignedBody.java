package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.SignedMessages;
import io.tenantkit.livekit.spi.SignedMessages.Judgement;
import io.tenantkit.livekit.spi.SignedMessages.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A token of the right form that names a body's hash; nobody knows yet who made it. */
final class SignedBody {
  private final CompactJws jws;
  private final ClaimsReader claims;
  private final String issuer;

  private SignedBody(CompactJws jws, ClaimsReader claims, String issuer) {
    this.jws = jws;
    this.claims = claims;
    this.issuer = issuer;
  }

  /** Null when the token is malformed, or not of this body. */
  static @Nullable SignedBody of(byte[] body, String jwt) {
    if (jwt.length() > SignedMessages.MAX_TOKEN_LENGTH) {
      return null;
    }
    try {
      CompactJws jws = CompactJws.parse(jwt);
      ClaimsReader claims = ClaimsReader.read(jws.payload());
      String issuer = claims.issuer().orElse("");
      Optional<String> hash = claims.sha256();
      boolean right =
          isKeyId(issuer)
              && hash.isPresent()
              && MessageDigest.isEqual(ascii(hash.get()), hash(body));
      return right ? new SignedBody(jws, claims, issuer) : null;
    } catch (TokenRefusal refusal) {
      return null;
    }
  }

  private static boolean isKeyId(String text) {
    return !text.isEmpty()
        && text.length() <= LiveKitCredentials.MAX_API_KEY_LENGTH
        && text.chars().allMatch(c -> c > ' ' && c <= '~');
  }

  /** As LiveKit writes it: Base64 of the standard alphabet, padded. */
  private static byte[] hash(byte[] body) {
    try {
      return Base64.getEncoder().encode(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What is not ASCII becomes what no Base64 has. */
  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The public id of the key that it says it is signed with. */
  String issuer() {
    return issuer;
  }

  /** Compares in constant time. */
  boolean isSignedWith(SigningKey key) {
    return jws.signedWith(key);
  }

  /** What is wrong with the time of a genuine one; null when it is good now. */
  @Nullable Judgement untimely(Instant now) {
    Optional<Instant> expiry = claims.expiresAt();
    Instant latest = now.plus(ReceivedToken.LEEWAY);
    if (expiry.isEmpty()
        || !now.minus(ReceivedToken.LEEWAY).isBefore(expiry.get())
        || latest.plusSeconds(SignedMessages.MAX_VALIDITY_SECONDS).isBefore(expiry.get())) {
      return Refused.EXPIRED;
    }
    return claims.notBefore().filter(latest::isBefore).isPresent() ? Refused.NOT_YET_VALID : null;
  }
}
