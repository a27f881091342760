package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bytes of a token. They were checked once with node's own crypto and LiveKit's server SDK. */
final class GoldenTokenTest {
  private static final String KEY = "APIgolden";
  private static final String SECRET = "golden-secret-golden-secret-golden";
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00.987654Z");

  @Test
  void a_participants_token() {
    ParticipantToken request =
        ParticipantToken.join("standup", "ada")
            .name("Ada \"👋\"")
            .metadata("{\"team\":\"ü\"}")
            .attributes(Map.of("z", "1", "a", "2", "m", "3"))
            .ttl(Duration.ofMillis(90_999))
            .canPublishSources(TrackSource.SCREEN_SHARE, TrackSource.CAMERA)
            .canSubscribeMetrics(true)
            .canPublishData(false);
    String jwt = Tokens.sign(request.spec, KEY, SECRET, NOW);

    assertThat(claims(jwt))
        .isEqualTo(
            "{\"iss\":\"APIgolden\",\"sub\":\"ada\",\"jti\":\"tok_test\",\"iat\":1795262400,"
                + "\"nbf\":1795262400,\"exp\":1795262490,\"name\":\"Ada \\\"👋\\\"\","
                + "\"metadata\":\"{\\\"team\\\":\\\"ü\\\"}\","
                + "\"attributes\":{\"a\":\"2\",\"m\":\"3\",\"z\":\"1\"},"
                + "\"video\":{\"room\":\"standup\",\"roomJoin\":true,\"canPublishData\":false,"
                + "\"canSubscribeMetrics\":true,"
                + "\"canPublishSources\":[\"camera\",\"screen_share\"]}}");
    assertThat(jwt)
        .isEqualTo(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBUElnb2xkZW4iLCJzdWIiOiJhZGEiLCJ"
                + "qdGkiOiJ0b2tfdGVzdCIsImlhdCI6MTc5NTI2MjQwMCwibmJmIjoxNzk1MjYyNDAwLCJleHAiOjE3OTU"
                + "yNjI0OTAsIm5hbWUiOiJBZGEgXCLwn5GLXCIiLCJtZXRhZGF0YSI6IntcInRlYW1cIjpcIsO8XCJ9Iiw"
                + "iYXR0cmlidXRlcyI6eyJhIjoiMiIsIm0iOiIzIiwieiI6IjEifSwidmlkZW8iOnsicm9vbSI6InN0YW5"
                + "kdXAiLCJyb29tSm9pbiI6dHJ1ZSwiY2FuUHVibGlzaERhdGEiOmZhbHNlLCJjYW5TdWJzY3JpYmVNZXR"
                + "yaWNzIjp0cnVlLCJjYW5QdWJsaXNoU291cmNlcyI6WyJjYW1lcmEiLCJzY3JlZW5fc2hhcmUiXX19.JS"
                + "2hAKKkoKX78XjhdzoXYkItkid_ic9YPaygmFdp9dU");
  }

  @Test
  void an_agents_token_has_the_shape_that_the_server_gives_its_own() {
    AgentToken request = AgentToken.join("standup", "bridge-001").agentName("bridge");
    String jwt = Tokens.sign(request.spec, KEY, SECRET, NOW);

    assertThat(claims(jwt))
        .isEqualTo(
            "{\"iss\":\"APIgolden\",\"sub\":\"bridge-001\",\"jti\":\"tok_test\","
                + "\"iat\":1795262400,\"nbf\":1795262400,\"exp\":1795266000,\"kind\":\"agent\","
                + "\"attributes\":{\"lk.agent_name\":\"bridge\"},"
                + "\"video\":{\"room\":\"standup\",\"roomJoin\":true,\"canPublish\":true,"
                + "\"canSubscribe\":true,\"canPublishData\":true,\"canUpdateOwnMetadata\":true,"
                + "\"canSubscribeMetrics\":true,\"agent\":true}}");
    assertThat(jwt)
        .isEqualTo(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBUElnb2xkZW4iLCJzdWIiOiJicmlkZ2U"
                + "tMDAxIiwianRpIjoidG9rX3Rlc3QiLCJpYXQiOjE3OTUyNjI0MDAsIm5iZiI6MTc5NTI2MjQwMCwiZXh"
                + "wIjoxNzk1MjY2MDAwLCJraW5kIjoiYWdlbnQiLCJhdHRyaWJ1dGVzIjp7ImxrLmFnZW50X25hbWUiOiJ"
                + "icmlkZ2UifSwidmlkZW8iOnsicm9vbSI6InN0YW5kdXAiLCJyb29tSm9pbiI6dHJ1ZSwiY2FuUHVibGl"
                + "zaCI6dHJ1ZSwiY2FuU3Vic2NyaWJlIjp0cnVlLCJjYW5QdWJsaXNoRGF0YSI6dHJ1ZSwiY2FuVXBkYXR"
                + "lT3duTWV0YWRhdGEiOnRydWUsImNhblN1YnNjcmliZU1ldHJpY3MiOnRydWUsImFnZW50Ijp0cnVlfX0"
                + ".KPng4iqn-AU9qhNev32Z-udu-Qz0hwsbB0vS2kLc8Lw");
  }

  @Test
  void all_that_a_token_can_say() {
    ParticipantToken phone =
        ParticipantToken.join("desk", "phone")
            .kind(ParticipantKind.SIP, "forwarded", "bridge_rtsp")
            .roomAdmin()
            .roomPreset("small")
            .roomConfig(
                RoomConfig.builder()
                    .tags(Map.of("b", "2", "a", "1"))
                    .agents(
                        List.of(
                            RoomAgent.named("bridge")
                                .metadata("m")
                                .attributes(Map.of("z", "1", "a", "ü"))))
                    .build());
    assertThat(claims(Tokens.sign(phone.spec, KEY, SECRET, NOW)))
        .endsWith(
            "\"kind\":\"sip\",\"video\":{\"room\":\"desk\",\"roomJoin\":true,\"roomAdmin\":true},"
                + "\"kindDetails\":[\"bridge_rtsp\",\"forwarded\"],\"roomPreset\":\"small\","
                + "\"roomConfig\":{\"tags\":{\"a\":\"1\",\"b\":\"2\"},"
                + "\"agents\":[{\"agentName\":\"bridge\",\"metadata\":\"m\","
                + "\"attributes\":{\"a\":\"ü\",\"z\":\"1\"}}]}}");

    ApiToken backend =
        ApiToken.of("backend")
            .grant(VideoPermission.ROOM_LIST, VideoPermission.ROOM_CREATE)
            .grant(ServiceGrant.values())
            .destinationRoom("attic")
            .sha256("0".repeat(43) + "=");
    assertThat(claims(Tokens.sign(backend.spec, KEY, SECRET, NOW)))
        .endsWith(
            "\"exp\":1795266000,\"video\":{\"destinationRoom\":\"attic\",\"roomCreate\":true,"
                + "\"roomList\":true},\"sip\":{\"admin\":true,\"call\":true},"
                + "\"agent\":{\"admin\":true,\"simulationAdmin\":true,\"databaseAdmin\":true},"
                + "\"inference\":{\"perform\":true},\"observability\":{\"write\":true},"
                + "\"sha256\":\""
                + "0".repeat(43)
                + "=\"}");
  }

  @Test
  void a_bare_token_says_nothing_more_than_it_must() {
    String jwt = Tokens.sign(ParticipantToken.join("r", "i").spec, KEY, SECRET, NOW);
    assertThat(claims(jwt))
        .isEqualTo(
            "{\"iss\":\"APIgolden\",\"sub\":\"i\",\"jti\":\"tok_test\",\"iat\":1795262400,"
                + "\"nbf\":1795262400,\"exp\":1795266000,\"video\":{\"room\":\"r\","
                + "\"roomJoin\":true}}");
  }

  @Test
  void the_order_in_which_attributes_were_set_does_not_show() {
    Map<String, String> backwards = new LinkedHashMap<>();
    Map<String, String> forwards = new LinkedHashMap<>();
    for (int i = 0; i < 50; i++) {
      forwards.put("k" + i, "v");
      backwards.put("k" + (49 - i), "v");
    }
    ParticipantToken ada = ParticipantToken.join("standup", "ada");
    assertThat(Tokens.sign(ada.attributes(forwards).spec, KEY, SECRET, NOW))
        .isEqualTo(Tokens.sign(ada.attributes(backwards).spec, KEY, SECRET, NOW));
  }

  @Test
  void a_key_with_quotes_stays_within_its_claim() {
    String key = "\",\"video\":{\"roomCreate\":true},\"x\":\"\\";
    String jwt = Tokens.sign(ParticipantToken.join("r", "i").spec, key, SECRET, NOW);
    assertThat(claims(jwt)).startsWith("{\"iss\":\"\\\",\\\"video\\\":{");
  }

  @Test
  void the_longest_token_fits_and_what_escaping_makes_longer_does_not() {
    ParticipantToken ada = ParticipantToken.join("standup", "ada");
    for (String unit : new String[] {"m", "ü", "👋"}) {
      String longest = unit.repeat(TokenRequest.MAX_METADATA_BYTES / Tokens.utf8(unit).length);
      assertThat(Tokens.sign(ada.metadata(longest).spec, KEY, SECRET, NOW))
          .hasSizeLessThan(LiveKitTokenIssuer.MAX_TOKEN_LENGTH);
    }

    // Each control character takes six characters in JSON.
    String swelling = "\u0001".repeat(TokenRequest.MAX_METADATA_BYTES);
    TokenSpec tooLong = ada.metadata(swelling).spec;
    assertThatThrownBy(() -> Tokens.sign(tooLong, KEY, SECRET, NOW))
        .isInstanceOfSatisfying(
            InvalidInputException.class, error -> assertThat(error.property()).isEqualTo("token"));
  }

  private static String claims(String jwt) {
    String payload = jwt.split("\\.", -1)[1];
    return new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
  }
}
