package io.tenantkit.livekit.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Messages as LiveKit's servers sign them, and as others would like to. */
public final class Forge {
  static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

  private Forge() {}

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The token that a server sends with a body. */
  public static String token(String apiKey, String secret, byte[] body, Instant now) {
    return jws(HEADER, claims(apiKey, hash(body), now, now.plusSeconds(300)), secret);
  }

  static String claims(String apiKey, String hash, Instant now, Instant expiry) {
    return "{\"iss\":\"%s\",\"nbf\":%d,\"exp\":%d,\"sha256\":\"%s\"}"
        .formatted(apiKey, now.getEpochSecond(), expiry.getEpochSecond(), hash);
  }

  static String hash(byte[] body) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static String jws(String header, String claims, String secret) {
    String input = base64url(utf8(header)) + "." + base64url(utf8(claims));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(utf8(secret), "HmacSHA256"));
      return input + "." + base64url(mac.doFinal(utf8(input)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
