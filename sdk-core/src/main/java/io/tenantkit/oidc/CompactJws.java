package io.tenantkit.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JWS in its compact serialization (RFC 7515 §3.1), read strictly and before any key is sought:
 * of all texts that decode to the same bytes only the one that an encoder makes, no name twice, and
 * no header that would change how the token is read or bring its own key.
 */
final class CompactJws {
  /** Deep enough for the claims of every known issuer. */
  static final int MAX_DEPTH = 16;

  private static final int MAX_HEADER_BYTES = 4_096;
  private static final int MAX_KEY_ID = 512;
  private static final StrictJson HEADERS = StrictJson.bounded(MAX_HEADER_BYTES, MAX_DEPTH);

  /** RFC 8725 §3.10 and RFC 7515 §4.1.11. A thumbprint ({@code x5t}) brings no key. */
  private static final Set<String> REFUSED_HEADERS =
      Set.of("crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c");

  private final String algorithm;
  private final @Nullable String type;
  private final @Nullable String keyId;
  private final byte[] signingInput;
  private final byte[] payload;
  private final byte[] signature;

  private CompactJws(JsonNode header, byte[] signingInput, byte[] payload, byte[] signature)
      throws LoginRefusal {
    for (String refused : REFUSED_HEADERS) {
      if (header.has(refused)) {
        throw LoginRefusal.malformed();
      }
    }
    @Nullable String named = text(header, "alg");
    if (named == null) {
      throw LoginRefusal.malformed();
    }
    this.algorithm = named;
    this.type = text(header, "typ");
    this.keyId = text(header, "kid");
    if (keyId != null && keyId.length() > MAX_KEY_ID) {
      throw LoginRefusal.malformed();
    }
    this.signingInput = signingInput;
    this.payload = payload;
    this.signature = signature;
  }

  static CompactJws parse(String token, int maxLength) throws LoginRefusal {
    if (token.length() > maxLength) {
      throw LoginRefusal.malformed();
    }
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    if (first < 0 || second < 0 || token.indexOf('.', second + 1) >= 0) {
      throw LoginRefusal.malformed();
    }
    JsonNode header = object(HEADERS, decode(token.substring(0, first)));
    byte[] payload = decode(token.substring(first + 1, second));
    byte[] signature = decode(token.substring(second + 1));
    if (signature.length == 0) {
      throw LoginRefusal.malformed();
    }
    return new CompactJws(
        header, token.substring(0, second).getBytes(StandardCharsets.US_ASCII), payload, signature);
  }

  String algorithm() {
    return algorithm;
  }

  @Nullable String type() {
    return type;
  }

  @Nullable String keyId() {
    return keyId;
  }

  byte[] signingInput() {
    return signingInput;
  }

  byte[] signature() {
    return signature;
  }

  /** The claims, not yet trusted. */
  JsonNode claims(StrictJson reader) throws LoginRefusal {
    return object(reader, payload);
  }

  private static JsonNode object(StrictJson reader, byte[] json) throws LoginRefusal {
    try {
      JsonNode node = reader.parse(json);
      if (node.isObject()) {
        return node;
      }
    } catch (MalformedJsonException e) {
      throw LoginRefusal.malformed();
    }
    throw LoginRefusal.malformed();
  }

  private static @Nullable String text(JsonNode header, String name) throws LoginRefusal {
    JsonNode value = header.get(name);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      throw LoginRefusal.malformed();
    }
    return value.textValue();
  }

  private static byte[] decode(String part) throws LoginRefusal {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw LoginRefusal.malformed();
    }
    // Java's decoder takes padding, and unused bits in the last character.
    if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
      throw LoginRefusal.malformed();
    }
    return bytes;
  }
}
