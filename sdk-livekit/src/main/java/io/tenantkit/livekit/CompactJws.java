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

  /** What LiveKit's SDKs and we write: {@code {"alg":"HS256","typ":"JWT"}}. */
  private static final String USUAL_HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

  /** The characters of base64url, by their values. */
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  /** What would change how the token is read, or bring its own key (RFC 8725 §3.10). */
  private static final Set<String> REFUSED_HEADERS =
      Set.of("crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256");

  private final byte[] text;
  private final int signedLength;
  private final byte[] payload;
  private final byte[] signature;

  private CompactJws(byte[] text, int signedLength, byte[] payload, byte[] signature) {
    this.text = text;
    this.signedLength = signedLength;
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
    // What has no such byte becomes a question mark, which no part may hold.
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (first != USUAL_HEADER.length() || !text.startsWith(USUAL_HEADER)) {
      requireHeader(decode(bytes, 0, first));
    }
    byte[] payload = decode(bytes, first + 1, second);
    byte[] signature = decode(bytes, second + 1, bytes.length);
    return new CompactJws(bytes, second, payload, signature);
  }

  byte[] payload() {
    return payload;
  }

  /** Compares in constant time. */
  boolean signedWith(SigningKey key) {
    byte[] expected = key.sign(text, signedLength);
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

  private static byte[] decode(byte[] text, int from, int to) throws TokenRefusal {
    // Java's decoder takes padding, and unused bits in the last character.
    if (from == to || !isUnpadded(to - from, text[to - 1])) {
      throw TokenRefusal.malformed();
    }
    try {
      return Base64.getUrlDecoder().decode(Arrays.copyOfRange(text, from, to));
    } catch (IllegalArgumentException e) {
      throw TokenRefusal.malformed();
    }
  }

  /** Of what Java's decoder takes, the one text for each sequence of bytes. */
  private static boolean isUnpadded(int length, byte last) {
    int value = ALPHABET.indexOf((char) (last & 0xFF));
    return switch (length % 4) {
      case 0 -> value >= 0;
      // 16 of 18 bits, and 8 of 12.
      case 3 -> value >= 0 && (value & 0b11) == 0;
      case 2 -> value >= 0 && (value & 0b1111) == 0;
      default -> false;
    };
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
