package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LiveKit's own client gets its tokens here, and a real LiveKit server takes them. */
final class TokenSourceTest {
  private static final String KEY = "the-services-key-with-32-characters";

  @TempDir private Path folder;

  @Test
  void livekits_client_gets_tokens_that_livekits_server_takes() throws Exception {
    Path scripts = Module.file("src/test/node");
    Programs.requireThat(
        Files.isDirectory(scripts.resolve("node_modules/livekit-client")),
        "LiveKit's npm package is not installed: npm ci --prefix examples/token-service/src/test/node");
    try (RealLiveKitServer server = RealLiveKitServer.start();
        RunningService service =
            RunningService.start(
                RunningService.only(
                    "LIVEKIT_API_KEY",
                    server.apiKey(),
                    "LIVEKIT_API_SECRET",
                    server.apiSecret(),
                    "LIVEKIT_WS_URL",
                    server.url(),
                    "TOKEN_SERVICE_INSECURE_ALLOW_ANYONE",
                    "true",
                    "TOKEN_SERVICE_KEY",
                    KEY,
                    "TOKEN_SERVICE_AGENTS",
                    "bridge"))) {
      JsonNode answers =
          fetch(
              scripts,
              service,
              Map.of(),
              List.of(
                  Map.of(),
                  Map.of(
                      "roomName",
                      "standup",
                      "participantIdentity",
                      "ada",
                      "participantName",
                      "Ada",
                      "participantMetadata",
                      "m",
                      "participantAttributes",
                      Map.of("a", "b"),
                      "agentName",
                      "bridge",
                      "agentMetadata",
                      "x"),
                  Map.of("agentName", "spy"),
                  Map.of("agentName", "bridge", "deployment", "staging")));

      for (int i = 0; i < 2; i++) {
        JsonNode answer = answers.get(i);
        assertThat(answer.get("serverUrl").textValue()).isEqualTo(server.url());
        assertThat(server.validate(answer.get("participantToken").textValue()).status())
            .isEqualTo(200);
      }
      assertEverythingArrived(answers.get(1).get("participantToken").textValue());
      server.join(answers.get(1).get("participantToken").textValue(), "standup");
      assertThat(answers.get(2).get("error").textValue()).contains("400");
      assertThat(answers.get(3).get("error").textValue()).contains("400");

      JsonNode wrong = fetch(scripts, service, Map.of("x-api-key", KEY + "x"), List.of(Map.of()));
      assertThat(wrong.get(0).get("error").textValue()).contains("401");
      JsonNode right =
          fetch(scripts, service, Map.of("x-api-key", KEY), List.of(Map.of("agentName", "spy")));
      assertThat(server.validate(right.get(0).get("participantToken").textValue()).status())
          .isEqualTo(200);

      everyOtherTokenIsTakenToo(server, service);
    }
  }

  /** All that the client's options can say, under the names that the server reads. */
  private static void assertEverythingArrived(String token) throws IOException {
    JsonNode claims =
        RunningService.JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    assertThat(claims.path("sub").textValue()).isEqualTo("ada");
    assertThat(claims.path("name").textValue()).isEqualTo("Ada");
    assertThat(claims.path("metadata").textValue()).isEqualTo("m");
    assertThat(claims.path("attributes").toString()).isEqualTo("{\"a\":\"b\"}");
    assertThat(claims.path("video").toString())
        .isEqualTo("{\"room\":\"standup\",\"roomJoin\":true}");
    assertThat(claims.path("roomConfig").toString())
        .isEqualTo("{\"agents\":[{\"agentName\":\"bridge\",\"metadata\":\"x\"}]}");
  }

  private static void everyOtherTokenIsTakenToo(RealLiveKitServer server, RunningService service) {
    for (String[] request :
        new String[][] {
          {
            "/token",
            "{\"room\":\"standup\",\"identity\":\"bob\",\"grants\":{\"canPublish\":false}}"
          },
          {"/token", "{\"room\":\"standup\",\"identity\":\"eve\",\"grants\":{\"hidden\":true}}"},
          {"/token/agent", "{\"room\":\"standup\",\"agent_id\":\"bridge-001\"}"}
        }) {
      String token =
          service.post(request[0], request[1], "X-Api-Key", KEY).json().get("token").textValue();
      assertThat(server.validate(token).status()).as(request[1]).isEqualTo(200);
    }
  }

  private JsonNode fetch(
      Path scripts, RunningService service, Map<String, String> headers, List<?> requests)
      throws Exception {
    String input =
        RunningService.JSON.writeValueAsString(
            Map.of("url", service.url("/livekit/token"), "headers", headers, "requests", requests));
    Programs.Ended ended =
        Programs.run(
            folder,
            Map.of(),
            input,
            List.of("node", scripts.resolve("token-source.mjs").toString()));
    assertThat(ended.code()).as(ended.output()).isZero();
    return RunningService.JSON.readTree(ended.output());
  }
}
