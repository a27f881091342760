package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.examples.tokenservice.RunningService.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.Test;

/** What browsers are told, asked as they ask. */
final class CorsTest {
  private static final String PERSON = "{\"room\":\"r\",\"identity\":\"i\"}";
  private static final String APP = "https://app.example.com";

  private static Answer preflight(RunningService service, String path, String origin) {
    return service.send(
        "OPTIONS",
        path,
        BodyPublishers.noBody(),
        "Origin",
        origin,
        "Access-Control-Request-Method",
        "POST",
        "Access-Control-Request-Headers",
        "authorization,content-type");
  }

  @Test
  void all_pages_may_call_unless_said_otherwise_and_never_with_credentials() {
    try (RunningService service = RunningService.single("RATE_LIMIT_MAX_REQUESTS", "1")) {
      for (String path :
          new String[] {"/token", "/token/agent", "/token/verify", "/livekit/token"}) {
        Answer answer = preflight(service, path, APP);
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.response().body()).isEmpty();
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("Access-Control-Allow-Methods")).contains("POST");
        assertThat(answer.header("Access-Control-Allow-Headers"))
            .contains("Authorization", "Content-Type", "X-Api-Key");
        assertThat(answer.header("Access-Control-Max-Age")).isEqualTo("600");
        assertThat(answer.header("Access-Control-Allow-Credentials")).isNull();
      }
      Answer answer = service.post("/token", PERSON, "Origin", APP);
      assertThat(answer.status()).as("a preflight takes no request of the limit").isEqualTo(200);
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
      assertThat(answer.header("Access-Control-Allow-Credentials")).isNull();
      assertThat(answer.header("Access-Control-Expose-Headers")).contains("Retry-After");
    }
  }

  @Test
  void pages_of_the_list_may_call_and_no_others() {
    try (RunningService service =
        RunningService.single("CORS_ORIGINS", APP + ",http://b.example:81")) {
      for (String origin : new String[] {APP, "http://b.example:81"}) {
        assertThat(preflight(service, "/token", origin).header("Access-Control-Allow-Origin"))
            .isEqualTo(origin);
        Answer answer = service.post("/token", PERSON, "Origin", origin);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(origin);
        assertThat(answer.header("Vary")).contains("Origin");
      }
      for (String origin :
          new String[] {
            "https://evil.example", APP + ".evil.example", "null", "http://b.example"
          }) {
        Answer refused = preflight(service, "/token", origin);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.header("Access-Control-Allow-Origin")).isNull();
        assertThat(refused.header("Vary")).contains("Origin");
        assertThat(service.post("/token", PERSON, "Origin", origin))
            .satisfies(
                answer -> {
                  assertThat(answer.header("Access-Control-Allow-Origin")).isNull();
                  assertThat(answer.header("Vary")).contains("Origin");
                });
      }
      assertThat(service.post("/token", PERSON).header("Vary"))
          .as("what a cache keeps of a call without an origin is for those, too")
          .contains("Origin");
    }
  }

  @Test
  void problems_can_be_read_by_the_page() {
    try (RunningService service = RunningService.single("CORS_ORIGINS", APP)) {
      assertThat(service.post("/token", "{}", "Origin", APP).header("Access-Control-Allow-Origin"))
          .isEqualTo(APP);
      assertThat(service.get("/nowhere", "Origin", APP).header("Access-Control-Allow-Origin"))
          .isEqualTo(APP);
    }
  }

  @Test
  void a_page_cannot_call_without_asking_first() {
    try (RunningService service = RunningService.single()) {
      for (String simple :
          new String[] {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
        assertThat(service.post("/token", PERSON, "Content-Type", simple).status()).isEqualTo(415);
      }
    }
  }

  @Test
  void options_that_is_no_preflight_names_the_methods() {
    try (RunningService service = RunningService.single()) {
      Answer answer = service.send("OPTIONS", "/health", BodyPublishers.noBody());
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    }
  }
}
