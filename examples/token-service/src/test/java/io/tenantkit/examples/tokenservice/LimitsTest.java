package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.examples.tokenservice.RunningService.Answer;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How many requests a client may make of the one project's service. */
final class LimitsTest {
  private static final String PERSON = "{\"room\":\"r\",\"identity\":\"i\"}";

  private final TickingClock clock = TickingClock.at(Instant.parse("2026-11-22T10:00:00Z"));

  private RunningService limited(String... more) {
    var environment =
        RunningService.environment("RATE_LIMIT_MAX_REQUESTS", "3", "RATE_LIMIT_WINDOW_MS", "60000");
    environment.putAll(RunningService.only(more));
    return RunningService.start(environment, clock);
  }

  @Test
  void a_client_that_asks_too_often_is_told_when_to_come_again() {
    try (RunningService service = limited()) {
      for (int left = 2; left >= 0; left--) {
        Answer answer = service.post("/token", PERSON);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("RateLimit-Policy")).isEqualTo("\"requests\";q=3;w=60");
        assertThat(answer.header("RateLimit")).startsWith("\"requests\";r=" + left);
      }
      Answer refused = service.post("/token/verify", "{\"token\":\"x\"}");
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("Retry-After")).isEqualTo("20");
      assertThat(refused.header("RateLimit")).isEqualTo("\"requests\";r=0;t=20");
      assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");

      assertThat(service.get("/health").status()).isEqualTo(200);
      assertThat(service.get("/ready").status()).isEqualTo(200);

      clock.tick(Duration.ofSeconds(20));
      assertThat(service.post("/token", PERSON).status()).isEqualTo(200);
      assertThat(service.post("/token", PERSON).status()).isEqualTo(429);
    }
  }

  @Test
  void requests_that_are_refused_for_their_content_count_as_well() {
    try (RunningService service = limited("TOKEN_SERVICE_KEY", "k".repeat(32))) {
      for (int i = 0; i < 3; i++) {
        assertThat(service.post("/token", PERSON, "X-Api-Key", "wrong").status()).isEqualTo(401);
      }
      assertThat(service.post("/token", PERSON, "X-Api-Key", "k".repeat(32)).status())
          .as("keys are not tried faster than that")
          .isEqualTo(429);
    }
  }

  @Test
  void a_client_that_claims_other_addresses_stays_one() {
    try (RunningService service = limited()) {
      for (int i = 0; i < 3; i++) {
        service.post("/token", PERSON, "X-Forwarded-For", "203.0.113." + i);
      }
      assertThat(service.post("/token", PERSON, "X-Forwarded-For", "203.0.113.9").status())
          .isEqualTo(429);
    }
  }

  @Test
  void behind_a_trusted_proxy_each_client_has_its_own() {
    try (RunningService service = limited("TOKEN_SERVICE_TRUSTED_PROXIES", "127.0.0.1")) {
      for (int i = 0; i < 3; i++) {
        assertThat(service.post("/token", PERSON, "X-Forwarded-For", "203.0.113.1").status())
            .isEqualTo(200);
      }
      assertThat(service.post("/token", PERSON, "X-Forwarded-For", "203.0.113.1").status())
          .isEqualTo(429);
      assertThat(service.post("/token", PERSON, "X-Forwarded-For", "9.9.9.9, 203.0.113.1").status())
          .as("what is left of the proxy's word is the client's claim")
          .isEqualTo(429);
      assertThat(service.post("/token", PERSON, "X-Forwarded-For", "203.0.113.2").status())
          .isEqualTo(200);
      for (int i = 0; i < 3; i++) {
        service.post("/token", PERSON, "X-Forwarded-For", "2001:db8::" + i);
      }
      assertThat(service.post("/token", PERSON, "X-Forwarded-For", "2001:db8::ffff").status())
          .as("whoever has one address of 64 bits has them all")
          .isEqualTo(429);
    }
  }
}
