package io.tenantkit.livekit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tenantkit.livekit.TokenVerification.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JWS in its compact serialization (RFC 7515 §3.1), read strictly: HS256 alone, and of all texts
 * that decode to the same bytes only the one that an encoder makes, so that a token cannot be
 * altered and stay valid.
 */
final class CompactJws {
  private static final String ALGORITHM = "HS256";

  /** What would change how the token is read, or bring its own key (RFC 8725 §3.10). */
  private static final Set<String> REFUSED_HEADERS =
      Set.of("crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256");

  private final byte[] signingInput;
  private final byte[] payload;
  private final byte[] signature;

  private CompactJws(byte[] signingInput, byte[] payload, byte[] signature) {
    this.signingInput = signingInput;
    this.payload = payload;
    this.signature = signature;
  }

  static CompactJws parse(String text) throws TokenRefusal {
    if (text.length() > LiveKitTokenIssuer.MAX_TOKEN_LENGTH) {
      throw TokenRefusal.malformed();
    }
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    if (first < 0 || second < 0 || text.indexOf('.', second + 1) >= 0) {
      throw TokenRefusal.malformed();
    }
    requireHeader(decode(text.substring(0, first)));
    byte[] payload = decode(text.substring(first + 1, second));
    byte[] signature = decode(text.substring(second + 1));
    return new CompactJws(
        text.substring(0, second).getBytes(StandardCharsets.US_ASCII), payload, signature);
  }

  byte[] payload() {
    return payload;
  }

  /** Compares in constant time. */
  boolean signedWith(SigningKey key) {
    byte[] expected = key.sign(signingInput, signingInput.length);
    try {
      return MessageDigest.isEqual(expected, signature);
    } finally {
      Arrays.fill(expected, (byte) 0);
    }
  }

  /** Text to a parser: strict UTF-8, where Jackson would also guess UTF-16 and UTF-32. */
  static JsonParser parser(byte[] json) throws IOException, TokenRefusal {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw TokenRefusal.malformed();
    }
    return Json.FACTORY.createParser(text);
  }

  private static byte[] decode(String part) throws TokenRefusal {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw TokenRefusal.malformed();
    }
    // Java's decoder takes padding, and unused bits in the last character.
    if (bytes.length == 0
        || !Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
      throw TokenRefusal.malformed();
    }
    return bytes;
  }

  private static void requireHeader(byte[] header) throws TokenRefusal {
    @Nullable String algorithm = null;
    @Nullable String type = null;
    try (JsonParser json = parser(header)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw TokenRefusal.malformed();
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        if (REFUSED_HEADERS.contains(name)) {
          throw TokenRefusal.malformed();
        }
        if (value == JsonToken.VALUE_STRING && name.equals("alg")) {
          algorithm = json.getText();
        } else if (name.equals("typ")) {
          type = value == JsonToken.VALUE_STRING ? json.getText() : "";
        } else {
          json.skipChildren();
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw TokenRefusal.malformed();
      }
    } catch (IOException e) {
      throw TokenRefusal.malformed();
    }
    if (!ALGORITHM.equals(algorithm)) {
      throw new TokenRefusal(Reason.WRONG_ALGORITHM);
    }
    if (type != null && !type.equalsIgnoreCase("JWT")) {
      throw TokenRefusal.malformed();
    }
  }
}
