package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.CapturedLogs;
import io.tenantkit.vault.Sightings;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.integration.LocalProvider.Answer;
import io.tenantkit.vault.integration.LocalProvider.Asked;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every template against a server on this machine that answers as the provider documents. Only the
 * way to the host is replaced; the request is what the provider would get. No provider was called.
 */
class CredentialCheckTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:15:30Z");
  private static final OrganizationId OWNER = OrganizationId.of("acme");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static List<ProviderCase> providers() {
    return ProviderCases.all();
  }

  static Stream<Arguments> documented() {
    return ProviderCases.all().stream()
        .flatMap(
            each -> each.answers.stream().map(answer -> Arguments.of(each, answer.name(), answer)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("documented")
  void readsWhatTheProviderDocuments(
      ProviderCase provider, String name, ProviderCase.Documented documented) {
    try (LocalProvider server = LocalProvider.answering(documented.answer())) {
      CheckResult result = check(provider, server.port(), PATIENCE);

      assertThat(result.verdict()).as(name).isEqualTo(documented.verdict());
      assertThat(result.httpStatus()).hasValue(documented.answer().status());
      assertThat(result.message().isPresent()).isEqualTo(result.verdict() != Verdict.VALID);
      assertThat(result.retryAfter())
          .isEqualTo(
              Optional.ofNullable(documented.answer().headers().get("Retry-After"))
                  .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds))));
      assertThat(result.at()).isEqualTo(NOW);
      assertUnseen(provider, result);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void asksOnceAndAsTheProviderWantsToBeAsked(ProviderCase provider) {
    try (LocalProvider server = LocalProvider.answering(provider.valid().answer())) {
      check(provider, server.port(), PATIENCE);

      assertThat(server.asked()).hasSize(1);
      Asked asked = server.asked().get(0);
      assertThat(asked.line()).isEqualTo(provider.line);
      assertThat(asked.headers()).containsEntry("Host", provider.host);
      provider.headers.forEach(
          (name, value) -> assertThat(asked.headers()).containsEntry(name, value));
      assertThat(Sightings.in(asked.line(), canary(provider))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void tellsNothingOfTheCredentialThatTheProviderEchoes(ProviderCase provider) {
    ProviderCase.Documented invalid = provider.invalid();
    String body = new String(invalid.answer().body(), StandardCharsets.UTF_8);
    assertThat(body).contains(ProviderCase.ECHO);
    byte[] key = provider.canary.getBytes(StandardCharsets.UTF_8);
    List<String> forms =
        List.of(
            provider.canary,
            Base64.getEncoder().encodeToString(key),
            Base64.getUrlEncoder().encodeToString(key),
            HexFormat.of().formatHex(key),
            HexFormat.of().withUpperCase().formatHex(key),
            URLEncoder.encode(provider.canary, StandardCharsets.UTF_8),
            provider.canary.substring(0, provider.canary.length() / 2 + 6),
            provider.canary.substring(2));
    for (String form : forms) {
      Map<String, String> echoed =
          new TreeMap<>(Map.of("X-Echo", form, "Retry-After", form, "WWW-Authenticate", form));
      try (LocalProvider server =
          LocalProvider.answering(
              Answer.of(invalid.answer().status(), body.replace(ProviderCase.ECHO, form))
                  .with(echoed))) {
        CheckResult result = check(provider, server.port(), PATIENCE);

        assertThat(result.verdict()).isEqualTo(Verdict.INVALID);
        assertThat(result.message().orElseThrow())
            .contains("[redacted]")
            .hasSizeLessThanOrEqualTo(300);
        assertUnseen(provider, result);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void tellsNothingOfAllThatTheProviderWasSent(ProviderCase provider) {
    String body = new String(provider.invalid().answer().body(), StandardCharsets.UTF_8);
    try (LocalProvider server =
        new LocalProvider(
            asked ->
                Answer.of(
                    provider.invalid().answer().status(),
                    body.replace(ProviderCase.ECHO, sent(asked))))) {
      CheckResult result = check(provider, server.port(), PATIENCE);

      String message = result.message().orElseThrow();
      assertUnseen(provider, result);
      // Nor what was signed with it, which is good for a minute.
      for (String part : sent(server.asked().get(0)).split("[ .=,&]", -1)) {
        if (part.length() >= 40 && !part.startsWith("urn") && !part.startsWith("AKIA")) {
          assertThat(message).doesNotContain(part);
        }
      }
    }
  }

  /** Without what would end a JSON text. */
  private static String sent(Asked asked) {
    return (asked.headers().getOrDefault("Authorization", "")
            + " "
            + asked.headers().values()
            + " "
            + asked.body())
        .replace("\\", "")
        .replace("\"", "");
  }

  @ParameterizedTest
  @MethodSource("providers")
  void followsNoRedirect(ProviderCase provider) {
    try (LocalProvider elsewhere = LocalProvider.answering(provider.valid().answer());
        LocalProvider server =
            LocalProvider.answering(
                Answer.of(302, "")
                    .with(Map.of("Location", "http://127.0.0.1:" + elsewhere.port() + "/")))) {
      CheckResult result = check(provider, server.port(), PATIENCE);

      assertThat(result.verdict()).isEqualTo(Verdict.WRONG_ENDPOINT);
      assertThat(elsewhere.asked()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void readsNoMoreThanAMegabyte(ProviderCase provider) {
    // More than the sockets between the two could hold, so that the server sees how it ends.
    int spaces = 64 << 20;
    byte[] valid = provider.valid().answer().body();
    int status = provider.valid().answer().status() == 204 ? 201 : 200;
    try (LocalProvider server =
        LocalProvider.answering(new Answer(status, Map.of(), valid).after(spaces))) {
      CheckResult result = check(provider, server.port(), PATIENCE);

      assertThat(result.verdict())
          .isEqualTo(provider.provider.equals("custom") ? Verdict.VALID : Verdict.WRONG_ENDPOINT);
      assertThat(server.isBrokenOff()).isTrue();
    }
    try (LocalProvider server =
        LocalProvider.answering(new Answer(500, Map.of(), valid).after(spaces))) {
      assertThat(check(provider, server.port(), PATIENCE).verdict()).isEqualTo(Verdict.UNREACHABLE);
      assertThat(server.isBrokenOff()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void waitsNoLongerThanItIsTold(ProviderCase provider) {
    // Neither the client's own bounds, which are far off, nor the server end the waiting.
    Duration far = Duration.ofMinutes(9);
    try (LocalProvider server = LocalProvider.silentAtFirst(provider.valid().answer());
        Egress egress =
            Egress.builder()
                .unsafeRoute(provider.host, server.port())
                .callTimeout(far)
                .readTimeout(far)
                .build()) {
      CheckResult result =
          new CredentialChecker(egress, Duration.ofMillis(50))
              .check(OWNER, provider.template(), provider.values(), NOW);

      assertThat(result.verdict()).isEqualTo(Verdict.UNREACHABLE);
      assertThat(result.httpStatus()).isEmpty();
      assertUnseen(provider, result);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void whereNobodyListensTheProviderIsUnreachable(ProviderCase provider) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    CheckResult result = check(provider, port, PATIENCE);

    assertThat(result.verdict()).isEqualTo(Verdict.UNREACHABLE);
    assertUnseen(provider, result);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void whatMayNotBeCalledIsNotCalled(ProviderCase provider) {
    ProviderCase inside = ProviderCases.of(provider.provider);
    boolean movable = inside.template().fields().stream().anyMatch(field -> field.isUrl());
    if (movable) {
      String url =
          inside.template().fields().stream()
              .filter(TemplateField::isUrl)
              .findFirst()
              .orElseThrow()
              .name();
      inside.config(url, "https://169.254.169.254/latest");
      try (Egress egress = Egress.create()) {
        CheckResult result =
            new CredentialChecker(egress, PATIENCE)
                .check(OWNER, inside.template(), inside.values(), NOW);
        assertThat(result.verdict()).isEqualTo(Verdict.WRONG_ENDPOINT);
        assertThat(result.httpStatus()).isEmpty();
      }
    } else {
      assertThat(inside.template().baseUrl(inside.values()).getHost()).isEqualTo(provider.host);
    }
  }

  private static CheckResult check(ProviderCase provider, int port, Duration timeout) {
    try (Egress egress = Egress.builder().unsafeRoute(provider.host, port).build()) {
      return new CredentialChecker(egress, timeout)
          .check(OWNER, provider.template(), provider.values(), NOW);
    }
  }

  private static byte[] canary(ProviderCase provider) {
    return provider.canary.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertUnseen(ProviderCase provider, CheckResult result) {
    assertThat(Sightings.in(result.toString(), canary(provider))).isEmpty();
    assertThat(Sightings.in(String.join("\n", CapturedLogs.lines()), canary(provider))).isEmpty();
  }
}
