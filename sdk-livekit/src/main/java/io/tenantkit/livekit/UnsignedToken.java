package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A token that lacks only its issuer and signature: all that can be refused is refused before the
 * secret is asked for. One wish always gives the same bytes: the order of the claims is fixed,
 * attributes go by name, permissions by their order in {@link VideoPermission}.
 */
final class UnsignedToken {
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private static final byte[] HEADER = JsonBytes.ascii("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.");
  private static final byte[] ISSUER = JsonBytes.ascii("{\"iss\":");

  private static final byte[] SUBJECT = JsonBytes.ascii(",\"sub\":");
  private static final byte[] ID = JsonBytes.ascii(",\"jti\":");
  private static final byte[] ISSUED_AT = JsonBytes.ascii(",\"iat\":");
  private static final byte[] NOT_BEFORE = JsonBytes.ascii(",\"nbf\":");
  private static final byte[] EXPIRES_AT = JsonBytes.ascii(",\"exp\":");
  private static final byte[] KIND = JsonBytes.ascii(",\"kind\":");
  private static final byte[] NAME = JsonBytes.ascii(",\"name\":");
  private static final byte[] METADATA = JsonBytes.ascii(",\"metadata\":");
  private static final byte[] ATTRIBUTES = JsonBytes.ascii(",\"attributes\":");
  private static final byte[] KIND_DETAILS = JsonBytes.ascii(",\"kindDetails\":");
  private static final byte[] VIDEO = JsonBytes.ascii(",\"video\":");
  private static final byte[] ROOM_PRESET = JsonBytes.ascii(",\"roomPreset\":");
  private static final byte[] ROOM_CONFIG = JsonBytes.ascii(",\"roomConfig\":");
  private static final byte[] SHA256 = JsonBytes.ascii(",\"sha256\":");
  private static final byte[] ROOM = JsonBytes.ascii("{\"room\":");

  /** What sets each permission to yes, and to no. */
  private static final Map<VideoPermission, byte[]> ALLOWED = permissions(true);

  private static final Map<VideoPermission, byte[]> FORBIDDEN = permissions(false);

  private static final byte[] IS_TRUE = JsonBytes.ascii(":true");

  /** What the claims take beside the caller's texts when there are but a few permissions. */
  private static final int USUAL_BYTES = 256;

  /** A JSON string at most doubles the printable ASCII characters of an API key. */
  private static final int MAX_ISSUER_BYTES =
      ISSUER.length + 2 * LiveKitCredentials.MAX_API_KEY_LENGTH + 3;

  /** The claims as a JSON object, all but {@code iss}, which goes before them with the brace. */
  private final JsonBytes claims;

  UnsignedToken(TokenSpec spec, String id, long issuedAt, long expiresAt) {
    this.claims = write(spec, id, issuedAt, expiresAt);
    requireLength(LiveKitTokenIssuer.MAX_TOKEN_LENGTH);
  }

  /** Demands that the signed token has at most so many characters, whoever issues it. */
  void requireLength(int characters) {
    if (length(claims.length() + MAX_ISSUER_BYTES) > characters) {
      throw new InvalidInputException(
          "token",
          "at most " + characters + " characters, so metadata and attributes must be shorter");
    }
  }

  /** The token as ASCII bytes (RFC 7515 §3.1, the compact serialization). */
  byte[] sign(String issuer, SigningKey key) {
    JsonBytes first = new JsonBytes(ISSUER.length + issuer.length() + 2);
    first.raw(ISSUER).string(issuer);
    byte[] payload = new byte[first.length() + claims.length()];
    claims.copyTo(payload, first.copyTo(payload, 0));

    // Into the front of the token, where alone the JDK's encoder writes, and then to its place:
    // that spares an array as long as the token.
    byte[] token = new byte[length(payload.length)];
    int encoded = BASE64URL.encode(payload, token);
    System.arraycopy(token, 0, token, HEADER.length, encoded);
    System.arraycopy(HEADER, 0, token, 0, HEADER.length);
    int at = HEADER.length + encoded;

    byte[] signature = key.sign(token, at);
    byte[] encodedSignature = BASE64URL.encode(signature);
    token[at++] = '.';
    System.arraycopy(encodedSignature, 0, token, at, encodedSignature.length);
    // The rest can be guessed: it is the signature that makes the token a credential.
    Arrays.fill(signature, (byte) 0);
    Arrays.fill(encodedSignature, (byte) 0);
    return token;
  }

  private static Map<VideoPermission, byte[]> permissions(boolean value) {
    Map<VideoPermission, byte[]> all = new EnumMap<>(VideoPermission.class);
    for (VideoPermission permission : VideoPermission.values()) {
      all.put(permission, JsonBytes.ascii('"' + permission.claim() + "\":" + value));
    }
    return Collections.unmodifiableMap(all);
  }

  private static int length(int payloadBytes) {
    return HEADER.length + encoded(payloadBytes) + 1 + encoded(SigningKey.SIGNATURE_LENGTH);
  }

  private static int encoded(int bytes) {
    return (bytes * 4 + 2) / 3;
  }

  private static JsonBytes write(TokenSpec spec, String id, long issuedAt, long expiresAt) {
    JsonBytes json = new JsonBytes(USUAL_BYTES + spec.textLength() + id.length());
    json.raw(SUBJECT).string(spec.identity());
    json.raw(ID).string(id);
    json.raw(ISSUED_AT).number(issuedAt);
    json.raw(NOT_BEFORE).number(issuedAt);
    json.raw(EXPIRES_AT).number(expiresAt);
    if (spec.kind() != ParticipantKind.STANDARD) {
      json.raw(KIND).string(spec.kind().claim());
    }
    if (spec.name().isPresent()) {
      json.raw(NAME).string(spec.name().get());
    }
    if (spec.metadata().isPresent()) {
      json.raw(METADATA).string(spec.metadata().get());
    }
    if (!spec.attributes().isEmpty()) {
      writeAttributes(json.raw(ATTRIBUTES), spec.attributes());
    }
    writeVideo(json.raw(VIDEO), spec.video());
    writeMore(json, spec.more());
    return json.raw('}');
  }

  private static void writeVideo(JsonBytes json, VideoGrants video) {
    char before = '{';
    if (video.room().isPresent()) {
      json.raw(ROOM).string(video.room().get());
      before = ',';
    }
    if (video.destinationRoom().isPresent()) {
      before = writeName(json, before, "destinationRoom");
      json.string(video.destinationRoom().get());
    }
    for (Map.Entry<VideoPermission, Boolean> set : video.permissions().entrySet()) {
      Map<VideoPermission, byte[]> all = set.getValue() ? ALLOWED : FORBIDDEN;
      json.raw(before).raw(Objects.requireNonNull(all.get(set.getKey())));
      before = ',';
    }
    if (!video.canPublishSources().isEmpty()) {
      before = writeName(json, before, "canPublishSources");
      writeSources(json, video);
    }
    if (before == '{') {
      json.raw('{');
    }
    json.raw('}');
  }

  private static char writeName(JsonBytes json, char before, String name) {
    json.raw(before).string(name).raw(':');
    return ',';
  }

  private static void writeMore(JsonBytes json, ServerClaims more) {
    if (!more.kindDetails().isEmpty()) {
      char before = '[';
      json.raw(KIND_DETAILS);
      for (String detail : more.kindDetails()) {
        json.raw(before).string(detail);
        before = ',';
      }
      json.raw(']');
    }
    writeGrants(json, more.grants());
    if (more.roomPreset().isPresent()) {
      json.raw(ROOM_PRESET).string(more.roomPreset().get());
    }
    if (more.roomConfig().isPresent()) {
      RoomConfigJson.write(json.raw(ROOM_CONFIG), more.roomConfig().get());
    }
    if (more.sha256().isPresent()) {
      json.raw(SHA256).string(more.sha256().get());
    }
  }

  /** The grants come by their claims, as their enum has them. */
  private static void writeGrants(JsonBytes json, Set<ServiceGrant> grants) {
    String claim = "";
    for (ServiceGrant grant : grants) {
      if (grant.claim().equals(claim)) {
        json.raw(',');
      } else {
        if (!claim.isEmpty()) {
          json.raw('}');
        }
        claim = grant.claim();
        json.raw(',').string(claim).raw(':').raw('{');
      }
      json.string(grant.field()).raw(IS_TRUE);
    }
    if (!claim.isEmpty()) {
      json.raw('}');
    }
  }

  private static void writeAttributes(JsonBytes json, Map<String, String> attributes) {
    char before = '{';
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      json.raw(before).string(attribute.getKey()).raw(':').string(attribute.getValue());
      before = ',';
    }
    json.raw('}');
  }

  private static void writeSources(JsonBytes json, VideoGrants video) {
    char before = '[';
    for (TrackSource source : video.canPublishSources()) {
      json.raw(before).string(source.claim());
      before = ',';
    }
    json.raw(']');
  }
}
