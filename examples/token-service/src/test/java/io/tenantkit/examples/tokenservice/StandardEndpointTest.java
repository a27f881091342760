package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.examples.tokenservice.RunningService.Answer;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** LiveKit's standard token endpoint, as clients of today and tomorrow ask it. */
final class StandardEndpointTest {
  /** As a page sends it: only what the settings name may be asked for. */
  private static final String[] PAGE = {"Origin", "https://app.example.com"};

  private static RunningService service;

  @BeforeAll
  static void start() {
    service =
        RunningService.single(
            "TOKEN_SERVICE_AGENTS", "bridge,scribe", "RATE_LIMIT_MAX_REQUESTS", "100000");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static JsonNode claims(Answer answer) throws Exception {
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
    assertThat(answer.json().properties().stream().map(Map.Entry::getKey))
        .containsExactly("server_url", "participant_token");
    assertThat(answer.json().get("server_url").textValue()).isEqualTo("wss://livekit.example.com");
    String token = answer.json().get("participant_token").textValue();
    return RunningService.JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
  }

  @Test
  void everything_may_be_left_out() throws Exception {
    JsonNode one = claims(service.post("/livekit/token", "{}"));
    JsonNode other = claims(service.post("/livekit/token", "{}"));

    assertThat(one.get("sub").textValue()).startsWith("participant-");
    assertThat(one.get("video").get("room").textValue()).startsWith("room-");
    assertThat(other.get("sub")).isNotEqualTo(one.get("sub"));
    assertThat(other.get("video").get("room")).isNotEqualTo(one.get("video").get("room"));
    assertThat(one.has("exp") && one.has("nbf"))
        .as("older clients cache for ever without")
        .isTrue();
  }

  @Test
  void empty_texts_are_as_good_as_none() throws Exception {
    JsonNode claims =
        claims(
            service.post(
                "/livekit/token",
                "{\"room_name\":\"\",\"participant_identity\":\"\",\"participant_name\":\"\","
                    + "\"participant_attributes\":{},\"room_config\":{}}"));
    assertThat(claims.get("sub").textValue()).startsWith("participant-");
    assertThat(claims.has("roomConfig")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"room_name":"r","participant_identity":"ada","participant_name":"Ada",
         "participant_metadata":"m","participant_attributes":{"a":"b"},
         "room_config":{"agents":[{"agent_name":"bridge","metadata":"x"}]}}""",
        """
        {"roomName":"r","participantIdentity":"ada","participantName":"Ada",
         "participantMetadata":"m","participantAttributes":{"a":"b"},
         "roomConfig":{"agents":[{"agentName":"bridge","metadata":"x"}]}}"""
      })
  void everything_may_be_said_in_either_spelling(String body) throws Exception {
    JsonNode claims = claims(service.post("/livekit/token", body, PAGE));

    assertThat(claims.get("sub").textValue()).isEqualTo("ada");
    assertThat(claims.get("name").textValue()).isEqualTo("Ada");
    assertThat(claims.get("metadata").textValue()).isEqualTo("m");
    assertThat(claims.get("attributes").toString()).isEqualTo("{\"a\":\"b\"}");
    assertThat(claims.get("video").toString()).isEqualTo("{\"room\":\"r\",\"roomJoin\":true}");
    JsonNode agent = claims.get("roomConfig").get("agents").get(0);
    assertThat(agent.get("agentName").textValue()).isEqualTo("bridge");
    assertThat(agent.get("metadata").textValue()).isEqualTo("x");
  }

  @Test
  void fields_of_newer_clients_are_passed_over_and_reach_no_token() throws Exception {
    JsonNode claims =
        claims(
            service.post(
                "/livekit/token",
                "{\"room_name\":\"r\",\"participant_shoe_size\":46,\"video\":{\"roomAdmin\":true},"
                    + "\"room_config\":{\"sparkle\":{\"egress\":1},\"agents\":[{\"agent_name\":"
                    + "\"scribe\",\"mood\":\"good\"}]}}",
                PAGE));
    assertThat(claims.get("video").toString()).isEqualTo("{\"room\":\"r\",\"roomJoin\":true}");
    assertThat(claims.get("roomConfig").toString())
        .isEqualTo("{\"agents\":[{\"agentName\":\"scribe\"}]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"egress\":{\"room\":{}}}|room_config.egress",
        "{\"max_participants\":2}|room_config.max_participants",
        "{\"maxParticipants\":2}|room_config.max_participants",
        "{\"empty_timeout\":86400}|room_config.empty_timeout",
        "{\"departureTimeout\":1}|room_config.departure_timeout",
        "{\"metadata\":\"m\"}|room_config.metadata",
        "{\"name\":\"n\"}|room_config.name",
        "{\"tags\":{\"a\":\"b\"}}|room_config.tags",
        "{\"min_playout_delay\":1}|room_config.min_playout_delay",
        "{\"maxPlayoutDelay\":1}|room_config.max_playout_delay",
        "{\"sync_streams\":true}|room_config.sync_streams",
        "{\"agents\":[{\"agent_name\":\"spy\"}]}|room_config.agents.agent_name",
        "{\"agents\":[{\"metadata\":\"m\"}]}|room_config.agents.agent_name",
        "{\"agents\":[{\"agent_name\":\"bridge\",\"deployment\":\"staging\"}]}|room_config.agents.deployment",
        "{\"agents\":[{\"agent_name\":\"bridge\",\"restartPolicy\":1}]}|room_config.agents.restart_policy",
        "{\"agents\":{}}|room_config.agents",
        "{\"agents\":[\"bridge\"]}|room_config.agents",
        "{\"agents\":[{\"agent_name\":\"bridge\",\"metadata\":{}}]}|room_config.agents.metadata",
      })
  void what_a_client_may_not_set_is_refused_by_its_name(String config, String property) {
    Answer answer = service.post("/livekit/token", "{\"room_config\":" + config + "}", PAGE);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("property").textValue())
        .isEqualTo(property.replace("agents.agents", "agents"));
  }

  @Test
  void defaults_of_protobuf_are_nothing_that_is_set() throws Exception {
    claims(
        service.post(
            "/livekit/token",
            "{\"room_config\":{\"max_participants\":0,\"metadata\":\"\",\"egress\":null,"
                + "\"sync_streams\":false,\"tags\":{},\"agents\":[]}}",
            PAGE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"room_name\":7}|room_name",
        "{\"participantIdentity\":{}}|participantIdentity",
        "{\"participant_identity\":\"a\\u0000\"}|participant_identity",
        "{\"participant_attributes\":{\"a\":1}}|participant_attributes",
        "{\"participant_attributes\":[]}|participant_attributes",
        "{\"room_name\":\"a\",\"roomName\":\"b\"}|room_name",
        "{\"room_config\":[]}|room_config",
      })
  void types_and_bounds_hold(String body, String property) {
    Answer answer = service.post("/livekit/token", body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("property").textValue()).isEqualTo(property);
  }

  @Test
  void attributes_of_livekits_own_are_refused() {
    Answer answer =
        service.post(
            "/livekit/token", "{\"participant_attributes\":{\"lk.agent_name\":\"bridge\"}}", PAGE);
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.json().get("detail").textValue()).contains("attributes");
  }

  @Test
  void a_program_that_may_sign_agents_tokens_may_name_any_agent() throws Exception {
    String body = "{\"room_config\":{\"agents\":[{\"agent_name\":\"spy\"}]}}";
    assertThat(claims(service.post("/livekit/token", body)).get("roomConfig").toString())
        .contains("spy");
  }

  @Test
  void the_seeds_path_knows_the_standard_shape_by_its_fields() throws Exception {
    assertThat(
            claims(service.post("/token", "{\"room_name\":\"r\"}"))
                .get("video")
                .get("room")
                .textValue())
        .isEqualTo("r");
    assertThat(service.post("/token", "{\"room\":\"r\",\"room_name\":\"r\"}").status())
        .as("one shape or the other")
        .isEqualTo(400);
    assertThat(service.post("/token", "{}").json().get("property").textValue()).isEqualTo("room");
  }
}
