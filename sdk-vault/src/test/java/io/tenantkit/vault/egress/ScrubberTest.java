package io.tenantkit.vault.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A secret that a service echoes comes out in no form. */
class ScrubberTest {
  private static final String SECRET = "sk-CANARY/+=?&\"x\\y-0123456789abcdef";

  private static String scrub(String secret, String text) {
    try (SecretValue value = SecretValue.of(secret)) {
      return Scrubber.of(value).scrub(text, 1_000);
    }
  }

  private static String scrub(String text) {
    return scrub(SECRET, text);
  }

  @Test
  void everyFormIsFound() {
    byte[] bytes = SECRET.getBytes(UTF_8);
    String hex = HexFormat.of().formatHex(bytes);
    String[] forms = {
      SECRET,
      Base64.getEncoder().encodeToString(bytes),
      Base64.getEncoder().withoutPadding().encodeToString(bytes),
      Base64.getUrlEncoder().encodeToString(bytes),
      hex,
      hex.toUpperCase(Locale.ROOT),
      URLEncoder.encode(SECRET, UTF_8),
      URLEncoder.encode(SECRET, UTF_8).toLowerCase(Locale.ROOT).replace("canary", "CANARY"),
      URLEncoder.encode(Base64.getEncoder().encodeToString(bytes), UTF_8),
      SECRET.replace("\\", "\\\\").replace("\"", "\\\""),
      SECRET.replace("\\", "\\\\").replace("\"", "\\\"").replace("/", "\\/"),
      SECRET.replace("\\", "\\\\").replace("&", "\\u0026").replace("\"", "\\u0022"),
      SECRET.replace("&", "&amp;").replace("\"", "&quot;"),
      SECRET.replace("&", "&#38;").replace("\"", "&#x22;").replace("+", "&#43;"),
      SECRET.substring(0, 10) + "\n  " + SECRET.substring(10),
      SECRET.substring(0, 10) + "\0\u200b" + SECRET.substring(10),
    };
    for (String form : forms) {
      assertThat(scrub("bad key <" + form + "> given"))
          .as(form)
          // The last character of base64 holds two bits of the secret at most.
          .matches("bad key <\\[redacted].?(=|%3D)*> given");
    }
  }

  @Test
  void basicCredentialsAreFoundWhateverTheNameBefore() {
    for (String user : new String[] {"", "u", "us", "use", "user", "someone@example.com"}) {
      String basic = Base64.getEncoder().encodeToString((user + ":" + SECRET).getBytes(UTF_8));
      String out = scrub("Authorization: Basic " + basic);
      assertThat(out).as(user).contains(Scrubber.REDACTED);
      String rest = out.substring("Authorization: Basic ".length()).replace("[redacted]", "");
      // Of the secret at most a character on either side, which also holds bits of its neighbour.
      assertThat(rest.length()).as(out).isLessThanOrEqualTo((user.length() + 1) * 4 / 3 + 5);
    }
  }

  /** Whatever part of 12 bytes or more is echoed, it does not come through. */
  @Test
  void partsAreFound() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      int from = random.nextInt(SECRET.length() - ScrubIndex.GRAM + 1);
      int to =
          from + ScrubIndex.GRAM + random.nextInt(SECRET.length() - from - ScrubIndex.GRAM + 1);
      assertThat(scrub("<" + SECRET.substring(from, to) + ">")).isEqualTo("<[redacted]>");
    }
    assertThat(scrub("<" + SECRET.substring(0, 11) + ">")).doesNotContain("redacted");
  }

  @Test
  void shortSecretsAreFoundAsAWhole() {
    assertThat(scrub("1234", "pin 1234!")).isEqualTo("pin [redacted]!");
    assertThat(scrub("p&ss", "p%26ss")).isEqualTo("[redacted]");
    assertThat(scrub("123", "pin 123!")).isEqualTo("pin 123!");
    String basic = Base64.getEncoder().encodeToString("user:hunter2".getBytes(UTF_8));
    assertThat(scrub("hunter2", "Basic " + basic)).contains("[redacted]").doesNotContain("aHVudG");
  }

  @Test
  void theCutComesAfterTheScrubbing() {
    try (SecretValue value = SecretValue.of(SECRET)) {
      Scrubber scrubber = Scrubber.of(value);
      for (int length = 0; length < 60; length++) {
        String out = scrubber.scrub("error: " + SECRET + " is wrong", length);
        assertThat(out.length()).isLessThanOrEqualTo(length);
        assertThat("error: [redacted] is wrong").startsWith(out);
      }
      // Not even where the text is too long to be read to its end.
      String cut = "x".repeat(Scrubber.MAX_INPUT - 5) + SECRET;
      assertThat(scrubber.scrub(cut, cut.length())).doesNotContain("sk");
    }
  }

  @Test
  void whatIsNotSeenIsLeftOut() {
    assertThat(scrub("a\r\n\tb\u0000c\u202ed\u2028e\u001b[31m")).isEqualTo("a bcd e[31m");
    assertThat(scrub("  x  ")).isEqualTo("x");
    assertThat(scrub("\ud83d\ude00 \ud83d")).isEqualTo("\ud83d\ude00 \ufffd");
    try (SecretValue value = SecretValue.of(SECRET)) {
      assertThat(Scrubber.of(value).scrub("\ud83d\ude00", 1)).isEmpty();
      assertThat(Scrubber.of(value).scrub(new byte[] {'a', (byte) 0xFF, 'b'}, 10))
          .isEqualTo("a\ufffdb");
    }
  }

  @Test
  void severalSecretsAndNonAsciiOnes() {
    String umlauts = "gr\u00fc\u00dfe-\u4f60\u597d-\ud83d\ude00-0123456789";
    try (SecretValue one = SecretValue.of("first-secret-000");
        SecretValue two = SecretValue.of(umlauts)) {
      Scrubber scrubber = Scrubber.of(one, two);
      assertThat(scrubber.scrub("a first-secret-000 b " + umlauts + " c", 100))
          .isEqualTo("a [redacted] b [redacted] c");
      assertThat(scrubber.scrub(URLEncoder.encode(umlauts, UTF_8), 100)).isEqualTo("[redacted]");
      assertThat(scrubber.scrub("first-secret-000 first-secret-000", 100)).isEqualTo("[redacted]");
    }
  }

  /** A pattern that repeats is the worst case of the index. */
  @Test
  void longTextsAndSecretsAreBounded() {
    try (SecretValue value = SecretValue.of("ab".repeat(100_000))) {
      String out = Scrubber.of(value).scrub("ab".repeat(1_000_000).getBytes(UTF_8), 500);
      assertThat(out).isEqualTo("[redacted]");
    }
  }

  @Test
  void aClosedSecretIsAnError() {
    SecretValue value = SecretValue.of(SECRET);
    Scrubber scrubber = Scrubber.of(value);
    value.close();
    assertThatThrownBy(() -> scrubber.scrub("text", 10)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> scrubber.scrub("text", -1)).isInstanceOf(InvalidInputException.class);
  }
}
