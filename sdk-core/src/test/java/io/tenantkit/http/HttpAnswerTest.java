package io.tenantkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.apikey.Verdict.Reason;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpAnswerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Set<Reason> UNAUTHENTICATED =
      EnumSet.of(Reason.NOT_FOUND, Reason.DISABLED, Reason.REVOKED, Reason.EXPIRED);

  @Test
  void unknownKeyIsAnsweredInTheseWords() {
    HttpAnswer answer = HttpAnswer.of(refused(Reason.NOT_FOUND));

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.headers())
        .isEqualTo(
            Map.of(
                "Content-Type", "application/problem+json",
                "Cache-Control", "no-store",
                "WWW-Authenticate", "Bearer error=\"invalid_token\""));
    assertThat(answer.body())
        .isEqualTo(
            "{\"type\":\"urn:tenantkit:problem:invalid-key\",\"title\":\"No valid API key\","
                + "\"status\":401,\"detail\":\"The API key is missing or not valid.\"}");
  }

  /** Over all 1,024 sets of reasons: who has no good key learns nothing else. */
  @Test
  void everySetOfReasonsIsAnsweredByTheFirstRowThatApplies() {
    HttpAnswer unknown =
        HttpAnswer.of(
            new Verdict.Refused(
                Set.of(Reason.NOT_FOUND),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty()));
    Reason[] all = Reason.values();
    assertThat(all).hasSize(10);
    for (int bits = 0; bits < 1 << all.length; bits++) {
      int chosen = bits;
      List<Reason> reasons =
          IntStream.range(0, all.length)
              .filter(i -> (chosen >> i & 1) != 0)
              .mapToObj(i -> all[i])
              .toList();
      HttpAnswer answer = HttpAnswer.of(refused(reasons));
      if (reasons.isEmpty() || reasons.stream().anyMatch(UNAUTHENTICATED::contains)) {
        assertThat(bytes(answer)).as("%s", reasons).isEqualTo(bytes(unknown));
      } else if (reasons.stream().allMatch(HttpAnswerTest::ofLimits)) {
        assertThat(answer.status()).as("%s", reasons).isEqualTo(429);
      } else {
        assertThat(answer.status()).as("%s", reasons).isEqualTo(403);
        assertThat(answer.headers()).doesNotContainKeys("Retry-After", "RateLimit");
      }
    }
  }

  private static boolean ofLimits(Reason reason) {
    return reason == Reason.RATE_LIMITED || reason == Reason.QUOTA_EXCEEDED;
  }

  @Test
  void forbiddenAddressLearnsNothingElseOfTheKey() {
    HttpAnswer alone = HttpAnswer.of(refused(Reason.ADDRESS_FORBIDDEN));
    HttpAnswer more =
        HttpAnswer.of(
            refused(
                Reason.ADDRESS_FORBIDDEN,
                Reason.INSUFFICIENT_SCOPE,
                Reason.ORGANIZATION_SUSPENDED,
                Reason.RATE_LIMITED));

    assertThat(bytes(more)).isEqualTo(bytes(alone));
    assertThat(json(more).get("type").asText())
        .isEqualTo("urn:tenantkit:problem:address-forbidden");
    assertThat(more.body()).doesNotContain("flows");
  }

  @ParameterizedTest
  @CsvSource({
    "ORGANIZATION_SUSPENDED, WRONG_ENVIRONMENT, organization-suspended",
    "ORGANIZATION_SUSPENDED, INSUFFICIENT_SCOPE, organization-suspended",
    "WRONG_ENVIRONMENT, INSUFFICIENT_SCOPE, wrong-environment",
    "WRONG_ENVIRONMENT, QUOTA_EXCEEDED, wrong-environment",
    "INSUFFICIENT_SCOPE, RATE_LIMITED, insufficient-scope",
  })
  void firstRowNamesTheProblemAndAllReasonsAreListed(Reason first, Reason second, String type) {
    JsonNode problem = json(HttpAnswer.of(refused(second, first)));

    assertThat(problem.get("type").asText()).isEqualTo("urn:tenantkit:problem:" + type);
    assertThat(problem.get("status").asInt()).isEqualTo(403);
    assertThat(problem.get("reasons"))
        .extracting(JsonNode::asText)
        .containsExactlyInAnyOrder(first.name(), second.name());
  }

  @Test
  void missingScopesAreNamedInTheBodyAndTheChallenge() {
    HttpAnswer answer = HttpAnswer.of(refused(Reason.INSUFFICIENT_SCOPE));

    assertThat(answer.headers())
        .containsEntry(
            "WWW-Authenticate",
            "Bearer error=\"insufficient_scope\", scope=\"flows:read livekit:*\"");
    assertThat(json(answer).get("missingScopes"))
        .extracting(JsonNode::asText)
        .containsExactly("flows:read", "livekit:*");
  }

  @Test
  void longChallengeIsCutToItsError() {
    List<Scope> hundred =
        IntStream.range(0, 100).mapToObj(i -> Scope.of("a".repeat(120) + ":" + i)).toList();
    Verdict.Refused verdict =
        new Verdict.Refused(
            Set.of(Reason.INSUFFICIENT_SCOPE),
            hundred,
            List.of(),
            Optional.empty(),
            Optional.empty());

    assertThat(HttpAnswer.of(verdict).headers())
        .containsEntry("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
    assertThat(json(HttpAnswer.of(verdict)).get("missingScopes")).hasSize(100);
  }

  @Test
  void usedUpLimitsSayWhichAndWhenToComeBack() {
    HttpAnswer answer =
        HttpAnswer.of(
            refused(
                Set.of(Reason.RATE_LIMITED),
                List.of(
                    key("minute", 100, 60_000, 0, 29_001, 60_000),
                    key("hour", 5_000, 3_600_000, 4_000, 0, 720_000),
                    pool("minute", 1_000, 60_000, 0, 500, 60_000))));

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.headers())
        .containsEntry("Retry-After", "30")
        .containsEntry(
            "RateLimit-Policy",
            "\"minute\";q=100;w=60, \"hour\";q=5000;w=3600, \"organization.minute\";q=1000;w=60")
        .containsEntry(
            "RateLimit", "\"minute\";r=0;t=30, \"hour\";r=4000, \"organization.minute\";r=0;t=1");
    JsonNode problem = json(answer);
    assertThat(problem.get("type").asText())
        .isEqualTo("https://iana.org/assignments/http-problem-types#quota-exceeded");
    assertThat(problem.get("violated-policies"))
        .extracting(JsonNode::asText)
        .containsExactly("minute", "organization.minute");
    assertThat(problem.get("limits").get(1))
        .hasToString(
            "{\"policy\":\"hour\",\"quota\":5000,\"window\":3600,\"remaining\":4000,\"retryAfter\":0}");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "999, 1", "1000, 1", "1001, 2", "59999, 60", "86400000, 86400"})
  void retryAfterIsRoundedUpToWholeSeconds(long millis, String expected) {
    HttpAnswer answer =
        HttpAnswer.of(
            refused(
                Set.of(Reason.RATE_LIMITED), List.of(key("minute", 1, 60_000, 0, millis, 60_000))));

    assertThat(answer.headers()).containsEntry("Retry-After", expected);
  }

  @Test
  void retryAfterIsAtLeastOneAndLeftOutWhenItNeverComes() {
    assertThat(HttpAnswer.of(refused(Set.of(Reason.RATE_LIMITED), List.of())).headers())
        .containsEntry("Retry-After", "1")
        .doesNotContainKeys("RateLimit", "RateLimit-Policy");

    HttpAnswer never =
        HttpAnswer.of(
            refused(
                Set.of(Reason.QUOTA_EXCEEDED),
                List.of(
                    key("minute", 1, 60_000, 0, 1_000, 60_000),
                    new LimitStatus(
                        "credits",
                        LimitStatus.Of.KEY,
                        1_000_000_000_000_000L,
                        Duration.ZERO,
                        3,
                        Duration.ofSeconds(Long.MAX_VALUE),
                        Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                        LimitStatus.Outcome.REFUSED))));
    assertThat(never.headers())
        .doesNotContainKey("Retry-After")
        .containsEntry("RateLimit-Policy", "\"minute\";q=1;w=60, \"credits\";q=999999999999999")
        .containsEntry("RateLimit", "\"minute\";r=0;t=1, \"credits\";r=3");
    assertThat(json(never).get("violated-policies")).hasSize(2);
    assertThat(json(never).get("limits").get(1).has("retryAfter")).isFalse();
    assertThat(json(never).get("title").asText()).isEqualTo("The credits are used up");
  }

  /** Whatever names and numbers: well-formed lists, and never a moment before the reset. */
  @ParameterizedTest
  @ValueSource(
      strings = {"minute", "a\"b\\c", "a\r\nSet-Cookie: x", "\u00e9\u0000\u007f", "\uD83D", "\\"})
  void fieldsAreStructuredWhateverTheNamesAndNumbers(String name) {
    long[] numbers = {Long.MIN_VALUE, -1, 0, 1, 1_000_000_000_000_000L, Long.MAX_VALUE};
    for (long number : numbers) {
      LimitStatus limit =
          new LimitStatus(
              name,
              LimitStatus.Of.KEY,
              number,
              Duration.ofSeconds(number),
              number,
              Duration.ofSeconds(number, 1),
              Duration.ofSeconds(number),
              LimitStatus.Outcome.REFUSED);
      LimitStatus plain = key("plain", 7, 100, 2, 0, 100);
      HttpAnswer answer =
          HttpAnswer.of(refused(Set.of(Reason.RATE_LIMITED), List.of(limit, plain)));

      List<StructuredList.Item> policies =
          StructuredList.parse(answer.headers().get("RateLimit-Policy"));
      assertThat(policies).hasSize(2);
      assertThat(policies.get(1))
          .isEqualTo(new StructuredList.Item("plain", ordered("q", 7L, "w", 1L)));
      assertThat(policies)
          .allSatisfy(
              item -> {
                assertThat(item.parameters().get("q")).isNotNegative();
                assertThat(item.parameters().getOrDefault("w", 1L)).isPositive();
              });
      long longest = 0;
      for (StructuredList.Item item : StructuredList.parse(answer.headers().get("RateLimit"))) {
        assertThat(item.parameters().get("r")).isNotNegative();
        longest = Math.max(longest, item.parameters().getOrDefault("t", 0L));
      }
      String retryAfter = answer.headers().get("Retry-After");
      if (retryAfter != null) {
        assertThat(Long.parseLong(retryAfter)).isPositive().isGreaterThanOrEqualTo(longest);
      }
      assertThat(json(answer).get("limits")).hasSize(2);
    }
  }

  @Test
  void stringsOfFieldsAreEscapedAndKeepWhatPrintableNamesSay() {
    HttpAnswer answer =
        HttpAnswer.of(
            refused(
                Set.of(Reason.RATE_LIMITED), List.of(key("a\"b\\c \u00e9", 1, 1_000, 0, 1, 1))));

    assertThat(StructuredList.parse(answer.headers().get("RateLimit")).get(0).value())
        .isEqualTo("a\"b\\c %C3%A9");
  }

  @Test
  void readerOfStructuredFieldsRefusesWhatTheRfcRefuses() {
    for (String wrong :
        List.of(
            "\"a\";q=1,",
            "a;q=1",
            "\"a",
            "\"a\\n\"",
            "\"\u00e9\"",
            "\"a\";Q=1",
            "\"a\";q=",
            "\"a\";q=1234567890123456",
            "\"a\" \"b\"",
            "\"a\";q=1;q=2",
            "\"a\nb\"")) {
      assertThatThrownBy(() -> StructuredList.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
    // The examples of the draft, sections 3.1 and 3.2.
    assertThat(StructuredList.parse("\"permin\";q=50;w=60,\"perhr\";q=1000;w=3600")).hasSize(2);
    assertThat(StructuredList.parse("\"default\";r=50;t=30"))
        .containsExactly(new StructuredList.Item("default", ordered("r", 50L, "t", 30L)));
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void errorIsAnsweredWithItsStatusAndItsInsideOnlyToTheOperator(ErrorCode code) {
    HttpAnswer answer = HttpAnswer.of(new TenantkitException(code, "the inside of it"));

    JsonNode problem = json(answer);
    assertThat(answer.status()).isEqualTo(code.httpStatus());
    assertThat(problem.get("status").asInt()).isEqualTo(code.httpStatus());
    assertThat(problem.get("code").asText()).isEqualTo(code.name());
    assertThat(problem.get("type").asText()).matches("urn:tenantkit:problem:[a-z-]+");
    assertThat(problem.get("detail").asText())
        .isEqualTo(code.httpStatus() < 500 ? "the inside of it" : code.meaning());
    assertThat(answer.headers().containsKey("Retry-After"))
        .isEqualTo(code.retryable() && code.httpStatus() >= 500);
  }

  @Test
  void errorsOfOperationsSayWhatTheCallerCanMend() {
    JsonNode input = json(HttpAnswer.of(new InvalidInputException("name", "1 to 255")));
    assertThat(input.get("property").asText()).isEqualTo("name");
    assertThat(input.get("detail").asText()).isEqualTo("name: 1 to 255");

    assertThat(HttpAnswer.of(new AccessDeniedException("no")).status()).isEqualTo(403);
    assertThat(HttpAnswer.of(new NotFoundException("api key")).status()).isEqualTo(404);
    assertThat(HttpAnswer.of(new ConflictException("taken")).status()).isEqualTo(409);
    HttpAnswer down =
        HttpAnswer.of(
            new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "jdbc:postgresql://db.internal"));
    assertThat(down.status()).isEqualTo(503);
    assertThat(down.headers()).containsEntry("Retry-After", "1");
    assertThat(down.body()).doesNotContain("internal");
  }

  @Test
  void hostileMessagesStayInsideTheirJsonString() {
    String message = "\"},{\r\n\u2028\u0000\uD83D \u00e9</script>\\";

    HttpAnswer answer = HttpAnswer.of(new TenantkitException(ErrorCode.CONFLICT, message));

    assertThat(json(answer).get("detail").asText()).isEqualTo(message);
    assertThat(answer.body()).matches("\\p{Print}*");
  }

  @Test
  void headersCannotBreakOutOfTheirLineOrComeTwice() {
    for (String value : List.of("a\r\nb", "a\nb", "a\rb", "a\u0000", "\u00e9", "a\u0085b")) {
      assertThatThrownBy(() -> new HttpAnswer(200, Map.of("X", value), ""))
          .isInstanceOf(InvalidInputException.class);
    }
    for (String name : List.of("", "a b", "a:", "a\r\n", "\u00e9", "a\"")) {
      assertThatThrownBy(() -> new HttpAnswer(200, Map.of(name, "v"), ""))
          .isInstanceOf(InvalidInputException.class);
    }
    assertThatThrownBy(() -> new HttpAnswer(200, Map.of("Limit", "1", "LIMIT", "2"), ""))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new HttpAnswer(199, Map.of(), ""))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> new HttpAnswer(200, Map.of(), "\u00e9"))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> HttpAnswer.of(refused(Reason.REVOKED)).headers().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static Map<String, Long> ordered(String first, long a, String second, long b) {
    Map<String, Long> map = new LinkedHashMap<>();
    map.put(first, a);
    map.put(second, b);
    return map;
  }

  private static LimitStatus key(
      String name, long limit, long window, long remaining, long retryAfter, long resetAfter) {
    return status(LimitStatus.Of.KEY, name, limit, window, remaining, retryAfter, resetAfter);
  }

  private static LimitStatus pool(
      String name, long limit, long window, long remaining, long retryAfter, long resetAfter) {
    return status(
        LimitStatus.Of.ORGANIZATION, name, limit, window, remaining, retryAfter, resetAfter);
  }

  /** Times in milliseconds. */
  private static LimitStatus status(
      LimitStatus.Of owner,
      String name,
      long limit,
      long window,
      long remaining,
      long retryAfter,
      long resetAfter) {
    return new LimitStatus(
        name,
        owner,
        limit,
        Duration.ofMillis(window),
        remaining,
        Duration.ofMillis(retryAfter),
        Duration.ofMillis(resetAfter),
        retryAfter > 0 ? LimitStatus.Outcome.REFUSED : LimitStatus.Outcome.ADMITTED);
  }

  private static Verdict.Refused refused(Reason... reasons) {
    return refused(List.of(reasons));
  }

  private static Verdict.Refused refused(Collection<Reason> reasons) {
    return refused(Set.copyOf(reasons), List.of(key("minute", 100, 60_000, 0, 29_000, 60_000)));
  }

  private static Verdict.Refused refused(Set<Reason> reasons, List<LimitStatus> limits) {
    return new Verdict.Refused(
        reasons,
        List.of(Scope.of("flows:read"), Scope.of("livekit:*")),
        limits,
        Optional.of(ApiKeyId.of("key_1")),
        Optional.of(OrganizationId.of("acme")));
  }

  /** All that goes over the wire, in its order. */
  private static byte[] bytes(HttpAnswer answer) {
    return (answer.status() + "\n" + answer.headers() + "\n" + answer.body())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode json(HttpAnswer answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw new AssertionError(answer.body(), e);
    }
  }
}
