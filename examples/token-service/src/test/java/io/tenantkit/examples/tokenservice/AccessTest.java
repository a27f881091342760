package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.examples.tokenservice.RunningService.Answer;
import org.junit.jupiter.api.Test;

/** Who gets which tokens of the one project: nobody's key, the service's key, a wrong one. */
final class AccessTest {
  private static final String KEY = "canary-key-of-at-least-32-characters";
  private static final String PERSON = "{\"room\":\"r\",\"identity\":\"i\"}";
  private static final String AGENT = "{\"room\":\"r\",\"agent_id\":\"a\"}";
  private static final String HIDDEN =
      "{\"room\":\"r\",\"identity\":\"i\",\"grants\":{\"hidden\":true}}";
  private static final String AS_AGENT =
      "{\"room\":\"r\",\"identity\":\"i\",\"grants\":{\"agent\":true}}";

  @Test
  void on_loopback_programs_get_all_and_pages_only_peoples_tokens() {
    try (RunningService service = RunningService.single()) {
      assertThat(service.post("/token", PERSON).status()).isEqualTo(200);
      assertThat(service.post("/token/agent", AGENT).status()).isEqualTo(200);
      assertThat(service.post("/token", HIDDEN).status()).isEqualTo(200);

      for (String[] trace :
          new String[][] {
            {"Origin", "https://evil.example"},
            {"X-Forwarded-For", "203.0.113.9"},
            {"Forwarded", "for=203.0.113.9"},
            {"X-Real-IP", "203.0.113.9"},
            {"Via", "1.1 proxy"}
          }) {
        assertThat(service.post("/token", PERSON, trace).status()).isEqualTo(200);
        assertThat(service.post("/token/agent", AGENT, trace).status()).as(trace[0]).isEqualTo(401);
        assertThat(service.post("/token", HIDDEN, trace).status()).as(trace[0]).isEqualTo(403);
        assertThat(service.post("/token", AS_AGENT, trace).status()).as(trace[0]).isEqualTo(403);
      }
    }
  }

  @Test
  void a_client_that_a_trusted_proxy_names_is_no_program_of_this_machine() {
    try (RunningService service =
        RunningService.single("TOKEN_SERVICE_TRUSTED_PROXIES", "127.0.0.0/8")) {
      String[] far = {"X-Forwarded-For", "203.0.113.9"};
      assertThat(service.post("/token/agent", AGENT, far).status()).isEqualTo(401);
      assertThat(service.post("/token", PERSON, far).status()).isEqualTo(200);
      assertThat(service.post("/token/agent", AGENT).status())
          .as("the proxy itself, which names nobody")
          .isEqualTo(200);
    }
  }

  @Test
  void where_anyone_may_call_agents_and_the_hidden_still_need_the_key() {
    try (RunningService service =
        RunningService.single(
            "TOKEN_SERVICE_INSECURE_ALLOW_ANYONE", "true", "TOKEN_SERVICE_KEY", KEY)) {
      assertThat(service.post("/token", PERSON).status()).isEqualTo(200);
      Answer refused = service.post("/token/agent", AGENT);
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
      assertThat(service.post("/token", HIDDEN).status()).isEqualTo(403);
      assertThat(service.post("/token", HIDDEN).json().get("detail").textValue())
          .contains("livekit:admin");

      String[] key = {"X-Api-Key", KEY};
      assertThat(service.post("/token/agent", AGENT, key).status()).isEqualTo(200);
      assertThat(service.post("/token", HIDDEN, key).status()).isEqualTo(200);
      assertThat(service.post("/token", AS_AGENT, key).status()).isEqualTo(200);
    }
  }

  @Test
  void where_anyone_may_call_and_no_key_is_set_there_are_no_agents_tokens() {
    try (RunningService service =
        RunningService.single("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE", "true")) {
      assertThat(service.post("/token", PERSON).status()).isEqualTo(200);
      assertThat(service.post("/token/agent", AGENT).status()).isEqualTo(401);
      assertThat(service.post("/token/agent", AGENT, "X-Api-Key", KEY).status()).isEqualTo(401);
    }
  }

  @Test
  void where_a_key_is_set_everybody_needs_it() {
    try (RunningService service = RunningService.single("TOKEN_SERVICE_KEY", KEY)) {
      assertThat(service.post("/token", PERSON).status()).isEqualTo(401);
      assertThat(service.post("/livekit/token", "{}").status()).isEqualTo(401);
      assertThat(service.post("/token/verify", "{\"token\":\"x\"}").status()).isEqualTo(401);
      assertThat(service.get("/health").status()).isEqualTo(200);

      assertThat(service.post("/token", PERSON, "X-Api-Key", KEY).status()).isEqualTo(200);
      assertThat(service.post("/token", PERSON, "Authorization", "Bearer " + KEY).status())
          .isEqualTo(200);
      assertThat(service.post("/token", PERSON, "authorization", "bearer " + KEY).status())
          .isEqualTo(200);
      assertThat(service.post("/token/agent", AGENT, "X-Api-Key", KEY).status()).isEqualTo(200);
    }
  }

  @Test
  void a_wrong_key_is_refused_also_where_none_is_needed() {
    try (RunningService service = RunningService.single("TOKEN_SERVICE_KEY", KEY);
        RunningService open = RunningService.single()) {
      for (RunningService each : new RunningService[] {service, open}) {
        assertThat(each.post("/token", PERSON, "X-Api-Key", KEY + "x").status()).isEqualTo(401);
        assertThat(each.post("/token", PERSON, "X-Api-Key", "").status()).isEqualTo(401);
        assertThat(each.post("/token", PERSON, "Authorization", "Basic " + KEY).status())
            .isEqualTo(401);
        assertThat(
                each.post("/token", PERSON, "X-Api-Key", KEY, "Authorization", "Bearer " + KEY)
                    .status())
            .as("two keys are none")
            .isEqualTo(401);
      }
    }
  }

  @Test
  void a_refused_caller_is_told_before_its_body_is_read() throws Exception {
    try (RunningService service = RunningService.single("TOKEN_SERVICE_KEY", KEY)) {
      String answer =
          service.raw(
              "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  + "Content-Length: 1000000\r\n\r\n{");
      assertThat(answer).startsWith("HTTP/1.1 401 ");
    }
  }
}
