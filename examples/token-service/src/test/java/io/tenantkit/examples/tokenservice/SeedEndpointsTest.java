package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.examples.tokenservice.RunningService.Answer;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The seed's five endpoints, with its fields. */
final class SeedEndpointsTest {
  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final TickingClock CLOCK = TickingClock.at(START);
  private static RunningService service;

  @BeforeAll
  static void start() {
    service =
        RunningService.start(
            RunningService.environment("RATE_LIMIT_MAX_REQUESTS", "100000"), CLOCK);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static JsonNode claims(String token) throws Exception {
    return RunningService.JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(java.util.Map.Entry::getKey).toList();
  }

  @Test
  void health_and_readiness_have_the_seeds_fields() {
    for (String[] each : new String[][] {{"/health", "healthy"}, {"/ready", "ready"}}) {
      Answer answer = service.get(each[0]);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(names(answer.json())).containsExactly("status", "service", "timestamp");
      assertThat(answer.json().get("status").textValue()).isEqualTo(each[1]);
      assertThat(answer.json().get("service").textValue()).isEqualTo("token-service");
      assertThat(Instant.parse(answer.json().get("timestamp").textValue()))
          .isEqualTo(CLOCK.instant());
    }
  }

  @Test
  void a_token_has_the_seeds_answer_and_what_was_asked_for() throws Exception {
    Answer answer =
        service.post(
            "/token",
            """
            {
              "room": "room-name",
              "identity": "user-123",
              "ttl_seconds": 1800,
              "name": "Display Name",
              "metadata": "{\\"role\\": \\"customer\\"}",
              "grants": {
                "canPublish": true,
                "canSubscribe": true,
                "canPublishData": false,
                "canUpdateOwnMetadata": false,
                "hidden": false,
                "agent": false
              }
            }""");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    JsonNode json = answer.json();
    assertThat(names(json)).containsExactly("token", "wsUrl", "expiresAt", "identity", "room");
    long expires = CLOCK.instant().getEpochSecond() + 1_800;
    assertThat(json.get("wsUrl").textValue()).isEqualTo("wss://livekit.example.com");
    assertThat(json.get("expiresAt").longValue()).isEqualTo(expires);
    assertThat(json.get("identity").textValue()).isEqualTo("user-123");
    assertThat(json.get("room").textValue()).isEqualTo("room-name");

    JsonNode claims = claims(json.get("token").textValue());
    assertThat(claims.get("iss").textValue()).isEqualTo(RunningService.API_KEY);
    assertThat(claims.get("sub").textValue()).isEqualTo("user-123");
    assertThat(claims.get("exp").longValue()).isEqualTo(expires);
    assertThat(claims.get("name").textValue()).isEqualTo("Display Name");
    assertThat(claims.get("metadata").textValue()).isEqualTo("{\"role\": \"customer\"}");
    assertThat(claims.get("video").toString())
        .isEqualTo(
            "{\"room\":\"room-name\",\"roomJoin\":true,\"canPublish\":true,\"canSubscribe\":true,"
                + "\"canPublishData\":false,\"canUpdateOwnMetadata\":false}");
  }

  @Test
  void room_and_identity_are_enough_and_the_default_lifetime_holds() throws Exception {
    JsonNode json = service.post("/token", "{\"room\":\"r\",\"identity\":\"i\"}").json();

    JsonNode claims = claims(json.get("token").textValue());
    assertThat(claims.get("exp").longValue() - claims.get("nbf").longValue()).isEqualTo(3_600);
    assertThat(names(claims)).containsExactly("iss", "sub", "jti", "iat", "nbf", "exp", "video");
  }

  @Test
  void names_beyond_ascii_arrive() throws Exception {
    Answer answer = service.post("/token", "{\"room\":\"küche\",\"identity\":\"ıŞ😀\"}");

    assertThat(answer.json().get("identity").textValue()).isEqualTo("ıŞ😀");
    assertThat(claims(answer.json().get("token").textValue()).get("sub").textValue())
        .isEqualTo("ıŞ😀");
  }

  @Test
  void an_agents_token_has_the_shape_that_the_server_gives_its_own() throws Exception {
    Answer answer = service.post("/token/agent", "{\"room\":\"r\",\"agent_id\":\"bridge-001\"}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(names(answer.json()))
        .containsExactly("token", "wsUrl", "expiresAt", "identity", "room");
    assertThat(answer.json().get("identity").textValue()).isEqualTo("bridge-001");
    JsonNode claims = claims(answer.json().get("token").textValue());
    assertThat(claims.get("kind").textValue()).isEqualTo("agent");
    assertThat(claims.get("video").get("agent").booleanValue()).isTrue();

    JsonNode byGrant =
        claims(
            service
                .post("/token", "{\"room\":\"r\",\"identity\":\"b\",\"grants\":{\"agent\":true}}")
                .json()
                .get("token")
                .textValue());
    assertThat(byGrant.get("video")).isEqualTo(claims.get("video"));
  }

  @Test
  void a_program_of_this_machine_may_hide() throws Exception {
    String body = "{\"room\":\"r\",\"identity\":\"i\",\"grants\":{\"hidden\":true}}";
    Answer answer = service.post("/token", body);
    assertThat(
            claims(answer.json().get("token").textValue()).get("video").get("hidden").asBoolean())
        .isTrue();
  }

  @Test
  void a_good_token_is_told_with_its_claims() {
    String token =
        service
            .post("/token", "{\"room\":\"r\",\"identity\":\"ada\",\"metadata\":\"m\"}")
            .json()
            .get("token")
            .textValue();
    Answer answer = service.post("/token/verify", "{\"token\":\"" + token + "\"}");

    assertThat(answer.status()).isEqualTo(200);
    JsonNode json = answer.json();
    assertThat(json.get("valid").booleanValue()).isTrue();
    assertThat(json.get("identity").textValue()).isEqualTo("ada");
    assertThat(json.get("room").textValue()).isEqualTo("r");
    assertThat(json.get("claims").get("iss").textValue()).isEqualTo(RunningService.API_KEY);
    assertThat(json.get("claims").get("metadata").textValue()).isEqualTo("m");
    assertThat(json.get("claims").get("video").get("roomJoin").booleanValue()).isTrue();
    assertThat(json.get("expiresAt").longValue())
        .isEqualTo(json.get("claims").get("exp").longValue());
  }

  @Test
  void a_bad_token_is_told_with_the_reasons() {
    String token =
        service
            .post("/token", "{\"room\":\"r\",\"identity\":\"ada\",\"ttl_seconds\":60}")
            .json()
            .get("token")
            .textValue();
    String altered = token.substring(0, token.length() - 4) + "AAAA";
    assertThat(reasons(altered)).containsExactly("BAD_SIGNATURE");
    assertThat(reasons("a.b.c")).containsExactly("MALFORMED");
    assertThat(reasons("")).containsExactly("MALFORMED");

    CLOCK.tick(Duration.ofSeconds(121));
    assertThat(reasons(token)).containsExactly("EXPIRED");
  }

  private static List<String> reasons(String token) {
    Answer answer = service.post("/token/verify", "{\"token\":\"" + token + "\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("valid").booleanValue()).isFalse();
    return RunningService.JSON.convertValue(
        answer.json().get("reasons"),
        RunningService.JSON.getTypeFactory().constructCollectionType(List.class, String.class));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"identity\":\"i\"}|room",
        "{\"room\":\"r\"}|identity",
        "{\"room\":\"\",\"identity\":\"i\"}|room",
        "{\"room\":null,\"identity\":\"i\"}|room",
        "{\"room\":1,\"identity\":\"i\"}|room",
        "{\"room\":\"r\",\"identity\":[\"i\"]}|identity",
        "{\"room\":\"r\",\"identity\":\"a\\r\\nb\"}|identity",
        "{\"room\":\"r\",\"identity\":\"\\u0000\"}|identity",
        "{\"room\":\"r\",\"identity\":\"i\",\"name\":{}}|name",
        "{\"room\":\"r\",\"identity\":\"i\",\"metadata\":{\"role\":\"x\"}}|metadata",
        "{\"room\":\"r\",\"identity\":\"i\",\"grants\":[]}|grants",
        "{\"room\":\"r\",\"identity\":\"i\",\"grants\":{\"canPublish\":\"false\"}}|grants.canPublish",
        "{\"room\":\"r\",\"identity\":\"i\",\"grants\":{\"canPublsh\":false}}|grants.canPublsh",
        "{\"room\":\"r\",\"identity\":\"i\",\"grants\":{\"roomAdmin\":true}}|grants.roomAdmin",
        "{\"room\":\"r\",\"identity\":\"i\",\"ttl\":60}|ttl",
        "{\"room\":\"r\",\"identity\":\"i\",\"<b>\":60}|?",
        "{\"room\":\"r\",\"identity\":\"i\",\"identity\":\"j\"}|body",
        "{\"room\":\"r\",\"identity\":\"i\"} {}|body",
        "[]|body",
        "''|body",
        "{\"room\":|body",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[|body",
        "{\"room\":\"\\ud800\",\"identity\":\"i\"}|room",
      })
  void a_field_of_the_wrong_kind_is_refused_by_its_name(String body, String property) {
    Answer answer = service.post("/token", body);

    assertThat(answer.status()).as(body).isEqualTo(400);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("property").textValue()).isEqualTo(property);
    assertThat(answer.json().get("code").textValue()).isEqualTo("INVALID_INPUT");
    assertThat(answer.response().body()).doesNotContain("<b>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "86401",
        "3600000",
        "1767225600000",
        "9223372036854775808",
        "1e400",
        "3600.5",
        "3.6e3",
        "\"3600\"",
        "true"
      })
  void milliseconds_and_other_lifetimes_are_refused_by_the_bound(String ttl) {
    Answer answer =
        service.post("/token", "{\"room\":\"r\",\"identity\":\"i\",\"ttl_seconds\":" + ttl + "}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("property").textValue()).isEqualTo("ttl_seconds");
    assertThat(answer.json().get("detail").textValue())
        .contains("seconds (not milliseconds), 1 to 86400");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "86400"})
  void lifetimes_at_the_bounds_are_given(String ttl) {
    assertThat(
            service
                .post("/token", "{\"room\":\"r\",\"identity\":\"i\",\"ttl_seconds\":" + ttl + "}")
                .status())
        .isEqualTo(200);
  }

  @Test
  void long_texts_are_refused_by_their_bounds() {
    String identity = "i".repeat(10_000);
    Answer answer = service.post("/token", "{\"room\":\"r\",\"identity\":\"" + identity + "\"}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("property").textValue()).isEqualTo("identity");
    assertThat(answer.response().body()).doesNotContain("iiii");

    Answer agent =
        service.post("/token/agent", "{\"room\":\"r\",\"agent_id\":\"" + identity + "\"}");
    assertThat(agent.json().get("property").textValue()).isEqualTo("agent_id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/token/agent|{\"room\":\"r\",\"agentId\":\"a\"}|agentId",
        "/token/agent|{\"room\":\"r\",\"identity\":\"a\"}|identity",
        "/token/agent|{\"room\":\"r\"}|agent_id",
        "/token/verify|{\"jwt\":\"x\"}|jwt",
        "/token/verify|{}|token",
        "/token/verify|{\"token\":7}|token",
      })
  void the_other_requests_know_their_fields_only(String path, String body, String property) {
    Answer answer = service.post(path, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("property").textValue()).isEqualTo(property);
  }
}
