package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.testing.ClaimsJson.Mismatch;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import livekit.LivekitRoom.RoomConfiguration;

/**
 * Judges tokens in the order and with the words of the server, its lax reading of Base64 included:
 * unused bits and line feeds within a part change nothing, which is why our own verifier is
 * stricter.
 */
final class Judge {
  private static final int LEEWAY_SECONDS = 60;

  /** The algorithms that the server's library knows; all but HS256 are refused later. */
  private static final Set<String> ALGORITHMS =
      Set.of(
          "none", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
          "ES256", "ES384", "ES512", "EdDSA");

  private static final BigDecimal MOST_SECONDS =
      BigDecimal.valueOf(Instant.MAX.getEpochSecond() / 2);

  private final KeyRing keys;
  private final Clock clock;

  Judge(KeyRing keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /** The three parts, and what of them is signed. */
  private record Parts(String input, ByteBuffer header, ByteBuffer payload, ByteBuffer signature) {}

  Grants judge(String token) throws Refusal {
    Parts parts;
    ClaimsJson claims;
    String algorithm;
    String apiKey;
    try {
      parts = parts(token);
      JsonNode named = ClaimsJson.tree(parts.header().array()).path("alg");
      claims = ClaimsJson.read(parts.payload().array());
      requireRegistered(claims);
      apiKey = claims.text("iss");
      algorithm = named.isTextual() ? named.textValue() : "";
      if (!ALGORITHMS.contains(algorithm)) {
        throw new Mismatch("alg");
      }
    } catch (Mismatch | IllegalArgumentException e) {
      throw Refusal.unauthorized("invalid authorization token");
    }
    if (!keys.has(apiKey)) {
      throw Refusal.unauthorized("invalid API key: " + apiKey);
    }
    Grants grants;
    try {
      grants = grants(claims, apiKey);
    } catch (Mismatch e) {
      throw invalid(token, "token is malformed: could not JSON decode claim: " + e.getMessage());
    }
    if (!algorithm.equals("HS256")) {
      throw invalid(
          token, "token signature is invalid: signing method " + algorithm + " is invalid");
    }
    byte[] expected = keys.sign(apiKey, parts.input().getBytes(StandardCharsets.UTF_8));
    if (!MessageDigest.isEqual(expected, parts.signature().array())) {
      throw invalid(token, "token signature is invalid: signature is invalid");
    }
    requireInTime(token, claims);
    return grants;
  }

  private static Refusal invalid(String token, String why) {
    return Refusal.unauthorized("invalid token: " + token + ", error: " + why);
  }

  private static Parts parts(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not three parts");
    }
    return new Parts(
        parts[0] + "." + parts[1], decode(parts[0]), decode(parts[1]), decode(parts[2]));
  }

  private static ByteBuffer decode(String part) {
    if (part.indexOf('=') >= 0) {
      throw new IllegalArgumentException("padding");
    }
    return ByteBuffer.wrap(Base64.getUrlDecoder().decode(part.replace("\n", "").replace("\r", "")));
  }

  private static void requireRegistered(ClaimsJson claims) throws Mismatch {
    claims.text("sub");
    claims.text("jti");
    claims.requireAudience();
    for (String time : List.of("exp", "nbf", "iat")) {
      claims.time(time);
    }
  }

  private void requireInTime(String token, ClaimsJson claims) throws Refusal {
    Instant now = clock.instant();
    List<String> wrong = new ArrayList<>();
    if (time(claims, "exp")
        .filter(end -> !now.isBefore(end.plusSeconds(LEEWAY_SECONDS)))
        .isPresent()) {
      wrong.add("token is expired");
    }
    if (time(claims, "nbf")
        .filter(begin -> now.isBefore(begin.minusSeconds(LEEWAY_SECONDS)))
        .isPresent()) {
      wrong.add("token is not valid yet");
    }
    if (!wrong.isEmpty()) {
      throw invalid(token, "token has invalid claims: " + String.join(", ", wrong));
    }
  }

  private static Optional<Instant> time(ClaimsJson claims, String claim) {
    try {
      return claims
          .time(claim)
          .map(seconds -> seconds.min(MOST_SECONDS).max(MOST_SECONDS.negate()))
          .map(
              seconds ->
                  Instant.ofEpochSecond(seconds.setScale(0, RoundingMode.FLOOR).longValueExact()));
    } catch (Mismatch e) {
      throw new IllegalStateException("read before", e);
    }
  }

  private static Grants grants(ClaimsJson claims, String apiKey) throws Mismatch {
    claims.text("identity");
    claims.text("sha256");
    String subject = claims.text("sub");
    Set<String> services = new TreeSet<>();
    for (String each :
        List.of(
            "sip.admin",
            "sip.call",
            "agent.admin",
            "agent.simulationAdmin",
            "agent.databaseAdmin",
            "inference.perform",
            "observability.write")) {
      int dot = each.indexOf('.');
      if (claims.object(each.substring(0, dot)).bool(each.substring(dot + 1)).orElse(false)) {
        services.add(each);
      }
    }
    return new Grants(
        apiKey,
        subject.isEmpty() ? claims.text("jti") : subject,
        claims.text("name"),
        claims.text("kind"),
        claims.texts("kindDetails"),
        video(claims.object("video")),
        services,
        claims.text("metadata"),
        claims.map("attributes"),
        roomConfig(claims.get("roomConfig")),
        claims.text("roomPreset"),
        time(claims, "exp"));
  }

  private static Optional<Video> video(ClaimsJson json) throws Mismatch {
    if (json.isNothing()) {
      return Optional.empty();
    }
    Map<String, Boolean> said = new TreeMap<>();
    for (String name : Video.NAMES) {
      json.bool(name).ifPresent(yes -> said.put(name, yes));
    }
    return Optional.of(
        new Video(
            said,
            json.text("room"),
            json.text("destinationRoom"),
            json.texts("canPublishSources")));
  }

  private static Optional<RoomConfiguration> roomConfig(JsonNode json) throws Mismatch {
    if (json.isNull()) {
      return Optional.empty();
    }
    RoomConfiguration.Builder config = RoomConfiguration.newBuilder();
    try {
      Messages.merge(json, config);
    } catch (Fault e) {
      throw new Mismatch("roomConfig");
    }
    return Optional.of(config.build());
  }
}
