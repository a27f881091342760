package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tenantkit.examples.tokenservice.Programs.Ended;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With every log at its finest level, nothing that a client or the environment holds is printed.
 */
final class LogCanaryTest {
  private static final String KEY = "canary-key-of-at-least-32-characters";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path folder;

  @Test
  void no_log_at_any_level_holds_a_token_a_secret_or_what_clients_send() throws Exception {
    Map<String, String> environment = RunningService.environment("TOKEN_SERVICE_KEY", KEY);
    try (Programs.Served service = new Programs.Served(folder, environment, traced())) {
      String body =
          "{\"room\":\"canary-room\",\"identity\":\"canary-identity\",\"name\":\"canary-name\","
              + "\"metadata\":\"canary-metadata\"}";
      HttpResponse<String> issued = post(service, "/token", body, "X-Api-Key", KEY);
      assertThat(issued.statusCode()).isEqualTo(200);
      String token = new JsonMapper().readTree(issued.body()).get("token").textValue();

      post(
          service,
          "/token/verify",
          "{\"token\":\"" + token + "\"}",
          "Authorization",
          "Bearer " + KEY);
      post(service, "/token/verify", "{\"token\":\"" + token + "x\"}", "X-Api-Key", KEY);
      post(
          service,
          "/token/agent",
          "{\"room\":\"canary\",\"agent_id\":\"canary\"}",
          "X-Api-Key",
          KEY);
      post(
          service,
          "/livekit/token",
          "{\"participant_attributes\":{\"canary\":\"canary\"},\"room_config\":"
              + "{\"agents\":[{\"agent_name\":\"canary\",\"metadata\":\"canary\"}]}}",
          "X-Api-Key",
          KEY);
      // Refused, in every way there is.
      post(service, "/token", body, "X-Api-Key", "canary-wrong");
      post(service, "/token", body, "Authorization", "Basic canary");
      post(service, "/token", "{canary", "X-Api-Key", KEY);
      post(service, "/token", "{\"canary\":1}", "X-Api-Key", KEY);
      post(service, "/token", "{\"room\":\"canary\\u0000\",\"identity\":\"x\"}", "X-Api-Key", KEY);
      post(service, "/canary?canary=" + token, "{}", "Origin", "https://canary.example");

      Ended ended = service.end();
      String printed = ended.output();
      assertThat(printed).contains("POST /token 200").contains("POST (other) 404");
      assertThat(printed.toLowerCase(Locale.ROOT).contains("canary"))
          .as("a canary in: " + lineWith(printed, "canary"))
          .isFalse();
      for (String part : token.split("\\.", -1)) {
        assertThat(printed.contains(part)).as("a part of a token").isFalse();
      }
    }
  }

  private static List<String> traced(String... more) {
    List<String> words =
        new ArrayList<>(
            Programs.java(
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                "-Dorg.slf4j.simpleLogger.log.org.eclipse.jetty=trace",
                "-Dorg.slf4j.simpleLogger.log.org.eclipse.jetty.server=trace",
                "-Dorg.slf4j.simpleLogger.log.org.eclipse=trace"));
    words.addAll(List.of(more));
    return words;
  }

  @Test
  void nor_does_one_of_tenants_hold_a_key_or_a_tenants_secret() throws Exception {
    Map<String, String> environment =
        RunningService.only(
            "TENANTKIT_STORAGE",
            "h2:" + folder.resolve("tenants"),
            "TENANTKIT_MASTER_KEY",
            "raw:Canary-master-key-of-32-letters!");
    Ended made =
        Programs.run(
            folder,
            environment,
            "canary-secret-of-at-least-32-characters\n",
            traced(
                "create-tenant",
                "acme",
                "--livekit-url",
                "wss://acme.example",
                "--livekit-key",
                "APIacme"));
    assertThat(made.code()).as(made.output()).isZero();
    assertThat(made.output().toLowerCase(Locale.ROOT)).doesNotContain("canary");
    Matcher key = Pattern.compile("ak_live_[0-9A-Za-z]{38}").matcher(made.output());
    assertThat(key.find()).isTrue();

    try (Programs.Served service = new Programs.Served(folder, environment, traced())) {
      String body = "{\"room\":\"canary\",\"identity\":\"canary\",\"metadata\":\"canary\"}";
      HttpResponse<String> issued =
          post(service, "/token", body, "Authorization", "Bearer " + key.group());
      assertThat(issued.statusCode()).isEqualTo(200);

      String printed = service.end().output();
      assertThat(printed).contains("POST /token 200").contains("acme/key_");
      assertThat(printed.toLowerCase(Locale.ROOT).contains("canary"))
          .as("a canary in: " + lineWith(printed, "canary"))
          .isFalse();
      assertThat(printed.contains(key.group().substring(8))).as("the API key").isFalse();
      String token = new JsonMapper().readTree(issued.body()).get("token").textValue();
      assertThat(printed.contains(token.split("\\.", -1)[2])).as("a token's signature").isFalse();
    }
  }

  private static String lineWith(String text, String what) {
    return text.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).contains(what))
        .findFirst()
        .orElse("");
  }

  private static HttpResponse<String> post(
      Programs.Served service, String path, String body, String... headers) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
            .headers(headers)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
