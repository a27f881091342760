package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LiveKitCredentialsTest {
  private static final String URL = "wss://acme.livekit.cloud";

  @ParameterizedTest
  @CsvSource({
    "ws://localhost:7880, ws://localhost:7880, http://localhost:7880",
    "wss://acme.livekit.cloud, wss://acme.livekit.cloud, https://acme.livekit.cloud",
    "http://127.0.0.1:7880/, ws://127.0.0.1:7880, http://127.0.0.1:7880",
    "HTTPS://host.example/livekit/, wss://host.example/livekit, https://host.example/livekit",
    "WS://[::1]:1, ws://[::1]:1, http://[::1]:1",
    "wsS://xn--grsse-jua.example:65535, wss://xn--grsse-jua.example:65535,"
        + " https://xn--grsse-jua.example:65535"
  })
  void a_url_serves_clients_and_the_api(String given, String webSocket, String http) {
    ServerUrl url = ServerUrl.of(given);
    assertThat(url.value()).isEqualTo(given);
    assertThat(url.webSocket()).isEqualTo(webSocket);
    assertThat(url.http()).isEqualTo(http);
    assertThat(url.secure()).isEqualTo(webSocket.startsWith("wss"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "acme.livekit.cloud",
        "//acme.livekit.cloud",
        "ftp://acme.livekit.cloud",
        "wsss://acme.livekit.cloud",
        "w\u0131ss://acme.livekit.cloud",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ws:acme",
        "ws://",
        "ws:///path",
        "ws://:7880",
        "ws://host:",
        "ws://host:0",
        "ws://host:65536",
        "ws://host:-1",
        "ws://host:port",
        "ws://user:CANARY@host",
        "ws://CANARY@host",
        "ws://@host",
        "ws://host?access_token=CANARY",
        "ws://host?",
        "ws://host/#CANARY",
        "ws://host/#",
        "ws://host/a/../b",
        "ws://host/%2e%2e/b",
        "ws://ho st",
        " ws://host",
        "ws://host ",
        "ws://host\r\nX: y",
        "ws://host\u0000",
        "ws://allowed\\@169.254.169.254/",
        "ws://my_host",
        "ws://h\u00f6st",
        "ws://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "ws://[::1",
        "ws://[fe80::1%25eth0]",
        "ws://host]"
      })
  void other_urls_are_refused_and_not_repeated(String bad) {
    assertThatThrownBy(() -> ServerUrl.of(bad))
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            error -> {
              assertThat(error.property()).isEqualTo("serverUrl");
              assertThat(error).hasNoCause();
              assertThat(error.getMessage()).doesNotContain("CANARY");
            });
  }

  @Test
  void a_url_is_bounded() {
    String longest = "ws://h/" + "a".repeat(ServerUrl.MAX_LENGTH - 7);
    assertThat(ServerUrl.of(longest).value()).hasSize(2_048);
    assertThatThrownBy(() -> ServerUrl.of(longest + "a")).isInstanceOf(InvalidInputException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " APIx", "APIx ", "API x", "APIx\n", "API\u0000x", "APIä"})
  void bad_keys_are_refused(String bad) {
    assertRefused("apiKey", bad, "0123456789abcdef0123456789abcdef");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        " CANARY",
        "CANARY ",
        "CANARY\n",
        "CANARY\r",
        "\tCANARY",
        "CANA\u0000RY",
        "CANARY\u00a0",
        "CANÄRY",
        "\ufeffCANARY",
        "CANARY\u200b"
      })
  void bad_secrets_are_refused_and_not_repeated(String bad) {
    assertRefused("apiSecret", "APIx", bad);
  }

  @Test
  void keys_and_secrets_are_bounded() {
    assertRefused("apiKey", "k".repeat(257), "secret");
    assertRefused("apiSecret", "APIx", "s".repeat(1_025));
    try (SecretValue secret = SecretValue.of("s".repeat(1_024))) {
      assertThat(LiveKitCredentials.of(URL, "k".repeat(256), secret).apiKey()).hasSize(256);
    }
  }

  @Test
  void the_short_secret_of_development_servers_is_accepted() {
    try (SecretValue secret = SecretValue.of("secret")) {
      assertThat(LiveKitCredentials.of("ws://localhost:7880", "devkey", secret)).isNotNull();
    }
  }

  @Test
  void the_secret_is_in_no_text() {
    try (SecretValue secret = SecretValue.of("CANARY")) {
      LiveKitCredentials credentials = LiveKitCredentials.of(URL, "APIx", secret);
      assertThat(credentials.toString()).contains("APIx").doesNotContain("CANARY");
      assertThatThrownBy(() -> new JsonMapper().writeValueAsString(credentials))
          .hasMessageNotContaining("CANARY");
    }
  }

  private static void assertRefused(String property, String apiKey, String apiSecret) {
    try (SecretValue secret = SecretValue.of(apiSecret)) {
      assertThatThrownBy(() -> LiveKitCredentials.of(URL, apiKey, secret))
          .isInstanceOfSatisfying(
              InvalidInputException.class,
              error -> {
                assertThat(error.property()).isEqualTo(property);
                assertThat(error.getMessage()).doesNotContain("CAN");
              });
    }
  }
}
