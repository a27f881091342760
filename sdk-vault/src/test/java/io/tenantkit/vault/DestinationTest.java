package io.tenantkit.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts and base URLs are written in one way, and only what is written so is allowed. */
class DestinationTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api.example.com",
        "localhost",
        "a",
        "xn--bcher-kva.example",
        "1.example",
        "127.0.0.1",
        "203.0.113.9",
        "[::1]",
        "[2001:db8::1]",
        "*.example.com",
        "*.openai.azure.com"
      })
  void hostsAreTakenAsTheyAreWritten(String host) {
    Destination destination = Destination.hosts(host);
    assertThat(destination.hosts()).containsExactly(host);
    assertThat(Destination.stored(destination.canonical())).isEqualTo(destination);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "Api.example.com",
        "api.example.com.",
        "api..example.com",
        ".example.com",
        "-a.example.com",
        "a-.example.com",
        "a_b.example.com",
        "exämple.com",
        "\u212Araken.com",
        "api.example.com:443",
        "user@example.com",
        "api.example.com/",
        "a b.com",
        "a\nhost b.com",
        "*",
        "*.com",
        "*.*.example.com",
        "a.*.example.com",
        "*a.example.com",
        "*.127.0.0.1",
        "*.[::1]",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "example.0x7f",
        "0177.0.0.1",
        "127.0.0.01",
        "256.0.0.1",
        "::1",
        "[::1",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[2001:DB8::1]",
        "[fe80::1%eth0]",
        "[127.0.0.1]"
      })
  void otherSpellingsAreRefused(String host) {
    assertThatThrownBy(() -> Destination.hosts(host)).isInstanceOf(InvalidInputException.class);
    assertThat(Destination.hosts("api.example.com", "*.example.com").allows(host)).isFalse();
  }

  @Test
  void lengthsAreBounded() {
    String label = "a".repeat(63);
    String longest = String.join(".", label, label, label, "a".repeat(61));
    assertThat(Destination.hosts(longest).allows(longest)).isTrue();
    assertInvalid(longest + "a");
    assertInvalid("a".repeat(64) + ".example");
    String[] many = new String[33];
    for (int i = 0; i < many.length; i++) {
      many[i] = "h" + i + ".example";
    }
    assertThatThrownBy(() -> Destination.hosts(many)).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void aWildcardStandsForExactlyOneLabel() {
    Destination wild = Destination.hosts("*.example.com");
    assertThat(wild.allows("api.example.com")).isTrue();
    assertThat(wild.allows("example.com")).isFalse();
    assertThat(wild.allows("a.b.example.com")).isFalse();
    assertThat(wild.allows("evilexample.com")).isFalse();
    assertThat(wild.allows("*.example.com")).isFalse();
    assertThat(wild.allows("API.example.com")).isFalse();
    assertThat(wild.allows("api.example.com.")).isFalse();
    assertThat(Destination.none().allows("api.example.com")).isFalse();
    assertThat(Destination.none().isNone()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://api.example.com",
        "https://api.example.com/",
        "https://api.example.com:8443/v1/x_y~z.a-b",
        "https://[::1]:8443",
        "https://127.0.0.1/livekit"
      })
  void baseUrlsAreTakenAsTheyAreWritten(String url) {
    Destination destination = Destination.of(Set.of(), Optional.of(URI.create(url)));
    assertThat(destination.baseUrl()).hasValueSatisfying(u -> assertThat(u).hasToString(url));
    assertThat(destination.allows(URI.create(url).getHost())).isTrue();
    assertThat(Destination.stored(destination.canonical())).isEqualTo(destination);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://api.example.com",
        "http://127.0.0.1",
        "HTTPS://api.example.com",
        "https://API.example.com",
        "https://user@api.example.com",
        "https://api.example.com?x",
        "https://api.example.com#x",
        "https://api.example.com/a//b",
        "https://api.example.com/a/../b",
        "https://api.example.com/..",
        "https://api.example.com/%2e",
        "https://api.example.com:0/",
        "https://api.example.com:65536/",
        "https://api.example.com:/",
        "https://api.example.com:0443/",
        "https:///x",
        "https:x",
        "/x",
        "https://a_b.example.com",
        "wss://api.example.com"
      })
  void otherUrlsAreRefused(String url) {
    assertThatThrownBy(() -> Destination.of(Set.of(), Optional.of(URI.create(url))))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void withoutTlsOnlyThisMachineByItsOwnName() {
    for (String url :
        new String[] {"http://localhost:7880", "http://127.0.0.1", "http://[::1]:1/x"}) {
      Destination destination = Destination.insecureLoopback(URI.create(url));
      assertThat(Destination.stored(destination.canonical())).isEqualTo(destination);
    }
    for (String url :
        new String[] {
          "http://example.com", "http://127.0.0.2", "https://localhost", "http://[::2]"
        }) {
      assertThatThrownBy(() -> Destination.insecureLoopback(URI.create(url)))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host b.example\nhost a.example\n",
        "host a.example\nhost a.example\n",
        "host a.example",
        "host A.example\n",
        "base https://a.example\n",
        "host a.example\nbase http://a.example\n",
        "base https://a.example\nhost a.example\n",
        "host a.example\n\n",
        "\n",
        "nothing",
        "base ::\n"
      })
  void textThatNoVaultWroteIsRejected(String text) {
    assertThatThrownBy(() -> Destination.stored(text))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CIPHERTEXT_REJECTED));
  }

  private static void assertInvalid(String host) {
    assertThatThrownBy(() -> Destination.hosts(host)).isInstanceOf(InvalidInputException.class);
  }
}
