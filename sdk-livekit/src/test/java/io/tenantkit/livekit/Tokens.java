package io.tenantkit.livekit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/** Tokens made below the API, well-formed or not. */
final class Tokens {
  static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

  private Tokens() {}

  /** Our own signer's, without the vault. */
  static String sign(TokenSpec spec, String apiKey, String apiSecret, Instant now) {
    long issuedAt = now.getEpochSecond();
    UnsignedToken unsigned =
        new UnsignedToken(spec, "tok_test", issuedAt, issuedAt + spec.ttl().toSeconds());
    try (SigningKey key = SigningKey.takeOver(utf8(apiSecret))) {
      return new String(unsigned.sign(apiKey, key), StandardCharsets.US_ASCII);
    }
  }

  /** Any header and any claims, with a right signature. */
  static String forge(String header, String claims, String apiSecret) {
    return forge(utf8(header), utf8(claims), apiSecret);
  }

  static String forge(byte[] header, byte[] claims, String apiSecret) {
    return resign(base64url(header) + "." + base64url(claims), apiSecret);
  }

  /** A right signature under a text that need not be well-formed. */
  static String resign(String signingInput, String apiSecret) {
    try (SigningKey key = SigningKey.takeOver(utf8(apiSecret))) {
      byte[] input = signingInput.getBytes(StandardCharsets.US_ASCII);
      return signingInput + "." + base64url(key.sign(input, input.length));
    }
  }

  static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
