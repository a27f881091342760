package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Signs what the server itself signs: webhooks, tokens for agents' jobs, refreshed tokens. */
final class Minter {
  private static final String HEADER = base64url("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
  private static final Duration WEBHOOK = Duration.ofMinutes(5);
  private static final Duration JOB = Duration.ofHours(1);
  private static final Duration REFRESHED = Duration.ofMinutes(10);

  private final KeyRing keys;
  private final Clock clock;

  Minter(KeyRing keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  String webhook(String apiKey, byte[] body) {
    ObjectNode claims = claims(apiKey, WEBHOOK);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      claims.put("sha256", Base64.getEncoder().encodeToString(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
    return sign(apiKey, claims);
  }

  /** As the worker's own key pair signs it. */
  String job(String apiKey, String room, String identity, String agentName) {
    ObjectNode claims = claims(apiKey, JOB);
    claims.put("sub", identity).put("kind", "agent");
    Map<String, Boolean> said = new TreeMap<>();
    for (String yes :
        new String[] {
          "roomJoin",
          "agent",
          "canPublish",
          "canSubscribe",
          "canPublishData",
          "canUpdateOwnMetadata",
          "canSubscribeMetrics"
        }) {
      said.put(yes, true);
    }
    claims.set("video", new Video(said, room, "", List.of()).json());
    claims.putObject("attributes").put("lk.agent_name", agentName);
    return sign(apiKey, claims);
  }

  /**
   * What the server pushes to a participant at join and every five minutes: for ten minutes at
   * least or until the first token ends, without the grants outside of {@code video}.
   */
  String refreshed(Grants grants) {
    String apiKey = keys.first();
    Instant now = clock.instant();
    Duration left = grants.expiresAt().map(end -> Duration.between(now, end)).orElse(Duration.ZERO);
    ObjectNode claims = claims(apiKey, left.compareTo(REFRESHED) > 0 ? left : REFRESHED);
    claims.put("sub", grants.identity());
    claims.put("name", grants.name());
    claims.put("kind", grants.kindOrStandard().name().toLowerCase(Locale.ROOT));
    claims.put("metadata", grants.metadata());
    ObjectNode attributes = claims.putObject("attributes");
    new TreeMap<>(grants.attributes()).forEach(attributes::put);
    claims.set("video", grants.videoOrNone().json());
    return sign(apiKey, claims);
  }

  private ObjectNode claims(String apiKey, Duration ttl) {
    long now = clock.instant().getEpochSecond();
    return JsonNodeFactory.instance
        .objectNode()
        .put("iss", apiKey)
        .put("exp", now + ttl.toSeconds())
        .put("nbf", now)
        .put("iat", now);
  }

  private String sign(String apiKey, ObjectNode claims) {
    String input = HEADER + "." + base64url(claims.toString());
    byte[] signature = keys.sign(apiKey, input.getBytes(StandardCharsets.US_ASCII));
    return input + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
  }

  private static String base64url(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
