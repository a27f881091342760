package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.TokenVerification.Reason;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** LiveKit's own server SDK for node against ours, in both directions. */
final class IndependentSdkTest {
  private static final String URL = "wss://acme.livekit.cloud";
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void it_accepts_our_tokens_and_reads_in_them_what_was_asked_for() {
    NodeTools node = NodeTools.find();
    try (TestPlane plane = new TestPlane(Clock.systemUTC())) {
      TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
      JsonNode person =
          verify(
              node,
              plane.jwt(
                  acme,
                  ParticipantToken.join("standup", "grüße")
                      .name("Ada 👋")
                      .metadata("m\n")
                      .attribute("a", "b")
                      .canPublish(false)
                      .canPublishSources(TrackSource.SCREEN_SHARE_AUDIO)),
              SECRET);
      JsonNode agent =
          verify(node, plane.jwt(acme, AgentToken.join("standup", "bridge-001")), SECRET);

      assertThat(person.path("refused").isMissingNode()).as(person.toString()).isTrue();
      assertThat(person.get("iss").asText()).isEqualTo("APIacme");
      assertThat(person.get("sub").asText()).isEqualTo("grüße");
      assertThat(person.get("name").asText()).isEqualTo("Ada 👋");
      assertThat(person.get("metadata").asText()).isEqualTo("m\n");
      assertThat(person.get("exp").asLong() - person.get("nbf").asLong()).isEqualTo(3_600);
      assertThat(person.get("attributes").toString()).isEqualTo("{\"a\":\"b\"}");
      assertThat(person.get("video").toString())
          .isEqualTo(
              "{\"room\":\"standup\",\"roomJoin\":true,\"canPublish\":false,"
                  + "\"canPublishSources\":[\"screen_share_audio\"]}");
      assertThat(agent.get("kind").asText()).isEqualTo("agent");
      assertThat(agent.at("/video/agent").asBoolean()).isTrue();
    }
  }

  @Test
  void it_refuses_our_tokens_with_another_secret_and_after_their_time() {
    NodeTools node = NodeTools.find();
    TickingClock clock = TickingClock.at(Instant.now().minus(Duration.ofDays(2)));
    try (TestPlane plane = new TestPlane(clock)) {
      TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
      String old = plane.jwt(acme, ParticipantToken.join("standup", "ada"));
      clock.tick(Duration.ofDays(2));
      String fresh = plane.jwt(acme, ParticipantToken.join("standup", "ada"));

      assertThat(verify(node, fresh, SECRET).has("refused")).isFalse();
      assertThat(verify(node, old, SECRET).get("refused").asText()).isEqualTo("ERR_JWT_EXPIRED");
      assertThat(verify(node, fresh, SECRET + "x").get("refused").asText())
          .isEqualTo("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
    }
  }

  @Test
  void our_verifier_accepts_its_tokens_and_reads_them() {
    NodeTools node = NodeTools.find();
    try (TestPlane plane = new TestPlane(Clock.systemUTC())) {
      TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
      String jwt = mint(node, SECRET);

      TokenVerification verification = plane.livekit.tokens().verify(acme, jwt);

      assertThat(verification).isInstanceOf(TokenVerification.Valid.class);
      TokenClaims claims = ((TokenVerification.Valid) verification).claims();
      assertThat(claims.identity()).contains("grüße 👋");
      assertThat(claims.name()).contains("Ada");
      assertThat(claims.metadata()).contains("{\"a\":1}");
      assertThat(claims.attributes()).containsExactly(Map.entry("k", "v"));
      assertThat(claims.kind()).isEqualTo(ParticipantKind.AGENT);
      assertThat(claims.video())
          .isEqualTo(
              new VideoGrants(
                  Optional.of("standup"),
                  Optional.empty(),
                  Map.of(
                      VideoPermission.ROOM_JOIN,
                      true,
                      VideoPermission.HIDDEN,
                      true,
                      VideoPermission.CAN_PUBLISH_DATA,
                      false),
                  Set.of(TrackSource.MICROPHONE)));
      assertThat(claims.otherClaims()).isEmpty();
    }
  }

  @Test
  void our_verifier_refuses_its_tokens_of_other_tenants() {
    NodeTools node = NodeTools.find();
    try (TestPlane plane = new TestPlane(Clock.systemUTC())) {
      TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
      TenantContext globex = plane.organization("globex", URL, "APIglobex", "globex-" + SECRET);

      assertThat(plane.livekit.tokens().verify(acme, mint(node, SECRET + "x")))
          .isEqualTo(new TokenVerification.Refused(Set.of(Reason.BAD_SIGNATURE)));
      assertThat(plane.livekit.tokens().verify(globex, mint(node, SECRET)))
          .isEqualTo(new TokenVerification.Refused(Set.of(Reason.UNKNOWN_ISSUER)));
    }
  }

  private static JsonNode verify(NodeTools node, String jwt, String secret) {
    return node.run("verify.mjs", Map.of("token", jwt, "apiKey", "APIacme", "apiSecret", secret));
  }

  private static String mint(NodeTools node, String secret) {
    return node.run(
            "mint.mjs",
            Map.of(
                "apiKey",
                "APIacme",
                "apiSecret",
                secret,
                "identity",
                "grüße 👋",
                "name",
                "Ada",
                "metadata",
                "{\"a\":1}",
                "attributes",
                Map.of("k", "v"),
                "kind",
                "agent",
                "video",
                Map.of(
                    "roomJoin",
                    true,
                    "room",
                    "standup",
                    "hidden",
                    true,
                    "canPublishData",
                    false,
                    "canPublishSources",
                    List.of("microphone"))))
        .get("token")
        .asText();
  }
}
