package io.tenantkit.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LimitsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static void refused(Runnable make) {
    assertThatThrownBy(make::run).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void boundsAreHeld() {
    refused(() -> RateLimit.of("", 1, MINUTE));
    refused(() -> RateLimit.of("x".repeat(65), 1, MINUTE));
    refused(() -> RateLimit.of("Minute", 1, MINUTE));
    refused(() -> RateLimit.of("minute", 0, MINUTE));
    refused(() -> RateLimit.of("minute", 1_000_000_001, MINUTE));
    refused(() -> RateLimit.of("minute", 1, Duration.ofNanos(999_999)));
    refused(() -> RateLimit.of("minute", 1, Duration.ofDays(367)));
    refused(() -> RateLimit.of("minute", 1, Duration.ofSeconds(Long.MAX_VALUE)));
    refused(() -> RateLimit.of("minute", 1, MINUTE).burst(0));
    refused(() -> RateLimit.of("year", 1, Duration.ofDays(366)).burst(11));
    refused(() -> RateLimit.of("year", 1, Duration.ofDays(366)).burst(1_000_000_000));
    refused(() -> Credits.of(0));
    refused(() -> Credits.of(Credits.MAX_AMOUNT + 1));
    refused(() -> Credits.of(1).refilled(0, MINUTE));
    refused(() -> Credits.of(1).refilled(1, Duration.ZERO));
    refused(() -> Limits.of(RateLimit.of("a", 1, MINUTE), RateLimit.of("a", 2, MINUTE)));
    refused(() -> new LimitSubject(OrganizationId.of("acme"), ""));
    assertThat(RateLimit.of("minute", 7, MINUTE).burst()).isEqualTo(7);
  }

  @Test
  void shortFormIsReadAsLocalLimits() {
    assertThat(Limits.fromJson("{\"requestsPerMinute\": 100, \"requestsPerHour\": 5000}"))
        .isEqualTo(
            Limits.of(
                RateLimit.of("minute", 100, MINUTE),
                RateLimit.of("hour", 5_000, Duration.ofHours(1))));
    assertThat(Limits.fromJson("{}")).isEqualTo(Limits.none());
  }

  @Test
  void fullFormReadsBackAsItWasWritten() {
    Limits limits =
        new Limits(
            List.of(
                RateLimit.of("minute", 100, MINUTE).burst(20).shared().failOpen(),
                RateLimit.of("day_2-x", 7, Duration.ofDays(2)).leased(),
                RateLimit.of("second", 3, Duration.ofSeconds(1))),
            Optional.of(Credits.of(1_000).refilled(10, Duration.ofHours(1))));

    assertThat(Limits.fromJson(limits.toJson())).isEqualTo(limits);
    assertThat(Limits.fromJson(Limits.none().toJson())).isEqualTo(Limits.none());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{\"requestsPerMinute\":\"100\"}",
        "{\"requestsPerMinute\":1.5}",
        "{\"requestsPerMinute\":0}",
        "{\"requestsPerMinute\":99999999999999999999999}",
        "{\"requestsPerMinute\":1,\"requestsPerMinute\":2}",
        "{\"requestsPerFortnight\":1}",
        "{\"requestsPerMinute\":1} {}",
        "{\"requestsPerMinute\":1",
        "{\"limits\":{}}",
        "{\"limits\":[1]}",
        "{\"limits\":[{\"name\":\"a\",\"limit\":1}]}",
        "{\"limits\":[{\"name\":\"a\",\"limit\":1,\"window\":\"1 minute\"}]}",
        "{\"limits\":[{\"name\":\"a\",\"limit\":1,\"window\":\"PT1M\",\"mode\":\"local\"}]}",
        "{\"limits\":[{\"name\":\"a\",\"limit\":1,\"window\":\"PT1M\",\"burst\":0}]}",
        "{\"limits\":[{\"name\":\"a\",\"limit\":1,\"window\":\"PT1M\",\"secret\":\"sk-1\"}]}",
        "{\"credits\":{}}",
        "{\"credits\":{\"amount\":1,\"refill\":{\"amount\":1}}}",
        "{\"limits\":[[[[[[[[]]]]]]]]}"
      })
  void anythingElseIsRefusedWithoutQuotingIt(String json) {
    assertThatThrownBy(() -> Limits.fromJson(json))
        .isInstanceOf(InvalidInputException.class)
        .hasNoCause()
        .message()
        .doesNotContain("sk-1");
  }

  @Test
  void longTextIsRefused() {
    refused(() -> Limits.fromJson("{" + " ".repeat(10_000) + "}"));
  }
}
