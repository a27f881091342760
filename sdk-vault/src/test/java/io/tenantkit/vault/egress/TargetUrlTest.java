package io.tenantkit.vault.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs are refused by their text wherever two parsers may read two hosts. */
class TargetUrlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        // numbers that some read as addresses
        "https://2130706433/",
        "https://127.1/",
        "https://127.0.1/",
        "https://0/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.0.0.01/",
        "https://127.0.0.1./",
        "https://256.1.1.1/",
        "https://1.2.3.4.5/",
        "https://example.0x7f/",
        // other alphabets
        "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
        "https://127\u30020\u30020\u30021/",
        "https://127\uff0e0\uff0e0\uff0e1/",
        "https://ex\u00e4mple.com/",
        "https://example.com/\u00e4",
        // user information, backslashes, NUL, white space
        "https://allowed.example@169.254.169.254/",
        "https://user:pass@example.com/",
        "https://@example.com/",
        "https://allowed.example\\@169.254.169.254/",
        "https://allowed.example\\.evil.example/",
        "https:\\\\example.com/",
        "https://example.com\0.evil.example/",
        "https://example.com/\0",
        "https://exam\tple.com/",
        "https://example.com/a b",
        " https://example.com/",
        "https://example.com/\r\nHost: evil.example",
        "https://example.com%00.evil.example/",
        "https://%31%32%37.0.0.1/",
        "https://example%2ecom/",
        // zones and broken IPv6
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1/",
        "https://::1/",
        "https://[::1]extra/",
        "https://[127.0.0.1]/",
        "https://[v1.x]/",
        // dot segments and fragments
        "https://example.com/v1/../admin",
        "https://example.com/./x",
        "https://example.com/%2e%2e/x",
        "https://example.com/a/.%2E/x",
        "https://example.com/..",
        "https://example.com/#fragment",
        // schemes
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "jar:https://example.com/!/",
        "ws://example.com/",
        "//example.com/",
        "example.com",
        "https:/example.com/",
        "https:///example.com/",
        "javascript:alert(1)",
        "",
        // hosts and ports
        "https://",
        "https:///",
        "https://.example.com/",
        "https://example.com./",
        "https://example..com/",
        "https://-example.com/",
        "https://example.com:/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:443a/",
        "https://example.com:0443/",
        "https://example.com:443:80/",
        "https://exa$mple.com/",
      })
  void isRefused(String url) {
    assertThatThrownBy(() -> TargetUrl.parse(url))
        .isInstanceOfSatisfying(
            EgressException.class,
            e -> assertThat(e.failure()).isEqualTo(EgressFailure.BLOCKED_URL));
  }

  @Test
  void isReadOnceAsItIsSent() {
    TargetUrl target = TargetUrl.parse("HTTPS://API.Example.com:8443/v1/a%2Fb?q=CANARY");
    assertThat(target.host()).isEqualTo("api.example.com");
    assertThat(target.port()).isEqualTo(8443);
    assertThat(target.url()).hasToString("https://api.example.com:8443/v1/a%2Fb?q=CANARY");
    assertThat(target).hasToString("https://api.example.com:8443");
    assertThat(TargetUrl.parse("https://[2001:DB8::1]/").host()).isEqualTo("2001:db8::1");
    assertThat(TargetUrl.parse("https://[::ffff:8.8.8.8]/").literal()).hasToString("8.8.8.8");
    assertThat(TargetUrl.parse("https://xn--exmple-cua.com").host())
        .isEqualTo("xn--exmple-cua.com");
  }

  @Test
  void patternsAreExactOrOneLabelMore() {
    Set<String> hosts = HostPattern.parse(Set.of("API.example.com", "*.example.org"));
    assertThat(HostPattern.anyMatches(hosts, "api.example.com")).isTrue();
    assertThat(HostPattern.anyMatches(hosts, "a.example.org")).isTrue();
    for (String other :
        new String[] {
          "example.com",
          "a.api.example.com",
          "api.example.com.evil.example",
          "evil-api.example.com",
          "example.org",
          "a.b.example.org",
          "aexample.org"
        }) {
      assertThat(HostPattern.anyMatches(hosts, other)).as(other).isFalse();
    }
    assertThat(HostPattern.anyMatches(Set.of(), "example.com")).isFalse();
    for (String bad : new String[] {"*", "*.", "*.com", "a.*.com", "*.0.0.1", "", "exa mple.com"}) {
      assertThatThrownBy(() -> HostPattern.parse(Set.of(bad)))
          .as(bad)
          .isInstanceOf(InvalidInputException.class);
    }
  }
}
