package io.tenantkit.livekit;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.tenantkit.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * A token that lacks only its issuer and signature: all that can be refused is refused before the
 * secret is asked for. One wish always gives the same bytes: the order of the claims is fixed,
 * attributes go by name, permissions by their order in {@link VideoPermission}.
 */
final class UnsignedToken {
  private static final byte[] HEADER =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ISSUER = "{\"iss\":\"".getBytes(StandardCharsets.US_ASCII);

  /** A JSON string at most doubles the printable ASCII characters of an API key. */
  private static final int MAX_ISSUER_BYTES =
      ISSUER.length + 2 * LiveKitCredentials.MAX_API_KEY_LENGTH + 2;

  /** The claims as a JSON object, all but {@code iss}. */
  private final byte[] claims;

  UnsignedToken(TokenSpec spec, String id, long issuedAt, long expiresAt) {
    try {
      this.claims = write(spec, id, issuedAt, expiresAt);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Nothing is written to but memory.
    }
    if (length(claims.length + MAX_ISSUER_BYTES) > LiveKitTokenIssuer.MAX_TOKEN_LENGTH) {
      throw new InvalidInputException(
          "token",
          "at most "
              + LiveKitTokenIssuer.MAX_TOKEN_LENGTH
              + " characters, so metadata and attributes must be shorter");
    }
  }

  /** The token as ASCII bytes (RFC 7515 §3.1, the compact serialization). */
  byte[] sign(String issuer, SigningKey key) {
    byte[] quoted = JsonStringEncoder.getInstance().quoteAsUTF8(issuer);
    byte[] payload = new byte[ISSUER.length + quoted.length + 2 + claims.length - 1];
    int at = append(ISSUER, 0, payload, 0);
    at = append(quoted, 0, payload, at);
    payload[at++] = '"';
    payload[at++] = ',';
    append(claims, 1, payload, at);

    byte[] token = new byte[length(payload.length)];
    at = append(HEADER, 0, token, 0);
    at = append(encode(payload), 0, token, at);
    byte[] signature = key.sign(token, at);
    token[at++] = '.';
    append(encode(signature), 0, token, at);
    return token;
  }

  private static int length(int payloadBytes) {
    return HEADER.length + encoded(payloadBytes) + 1 + encoded(SigningKey.SIGNATURE_LENGTH);
  }

  private static int encoded(int bytes) {
    return (bytes * 4 + 2) / 3;
  }

  private static byte[] encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encode(bytes);
  }

  private static int append(byte[] from, int start, byte[] to, int at) {
    System.arraycopy(from, start, to, at, from.length - start);
    return at + from.length - start;
  }

  private static byte[] write(TokenSpec spec, String id, long issuedAt, long expiresAt)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = Json.FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("sub", spec.identity());
      json.writeStringField("jti", id);
      json.writeNumberField("iat", issuedAt);
      json.writeNumberField("nbf", issuedAt);
      json.writeNumberField("exp", expiresAt);
      if (spec.kind() != ParticipantKind.STANDARD) {
        json.writeStringField("kind", spec.kind().claim());
      }
      if (spec.name().isPresent()) {
        json.writeStringField("name", spec.name().get());
      }
      if (spec.metadata().isPresent()) {
        json.writeStringField("metadata", spec.metadata().get());
      }
      if (!spec.attributes().isEmpty()) {
        json.writeObjectFieldStart("attributes");
        for (Map.Entry<String, String> attribute : spec.attributes().entrySet()) {
          json.writeStringField(attribute.getKey(), attribute.getValue());
        }
        json.writeEndObject();
      }
      json.writeObjectFieldStart("video");
      writeVideo(json, spec);
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void writeVideo(JsonGenerator json, TokenSpec spec) throws IOException {
    json.writeStringField("room", spec.room());
    for (Map.Entry<VideoPermission, Boolean> set : spec.video().permissions().entrySet()) {
      json.writeBooleanField(set.getKey().claim(), set.getValue());
    }
    if (!spec.video().canPublishSources().isEmpty()) {
      json.writeArrayFieldStart("canPublishSources");
      for (TrackSource source : spec.video().canPublishSources()) {
        json.writeString(source.claim());
      }
      json.writeEndArray();
    }
  }
}
