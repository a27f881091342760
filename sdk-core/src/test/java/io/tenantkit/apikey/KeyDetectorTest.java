package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.testing.InsecureFixedRandom;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyDetectorTest {
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final Pattern PATTERN = Pattern.compile(KeyDetector.pattern());

  private final Random random = new Random(7);

  @ParameterizedTest
  @EnumSource(KeyMode.class)
  void keysOfThisLibraryAreFound(KeyMode mode) {
    byte[] bytes = KeyFormat.generate(mode.prefix(), new InsecureFixedRandom(3));
    String key = new String(bytes, StandardCharsets.US_ASCII);

    assertThat(found("x = \"" + key + "\";\n")).containsExactly(key);
    assertThat(PATTERN.matcher(key).matches()).isTrue();
    assertThat(KeyChecksum.holds(bytes, 0, bytes.length)).isTrue();
    assertThat(KeyDetector.find(key).toString()).isEqualTo("[Found[start=0, end=46]]");
  }

  /** Before and after it, and the longest and shortest name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "ak|''|''",
        "a|''|''",
        "abcdefg8|''|''",
        "ak|%3D|%26",
        "ak|x|''",
        "ak|9|''",
        "ak|KEY_|_old",
        "ak|key_live_|''",
        "ak|zzzzzzzzzzzz|zzzz",
        "ak|_live_test_|0000",
        "acme|\u00e9|\u00e9",
        "ak|\uD83D|\uDE00",
      })
  void keyIsFoundWhateverStandsAroundIt(String name, String before, String after) {
    String key = key(name, "live");

    assertThat(found(before + key + after)).containsExactly(key);
    assertThat(PATTERN.matcher(before + key + after).find()).isTrue();
  }

  @Test
  void severalKeysAreFoundInOrderAndApart() {
    String first = key("ak", "live");
    String second = key("globex", "test");
    String third = key("a1", "live");

    assertThat(found(first + second + " " + third + third))
        .containsExactly(first, second, third, third);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "_",
        "_live_",
        "ak_live_",
        "ak_live_0123456789",
        "ak_live_01234567890123456789012345678901234567",
        "_live_01234567890123456789012345678901234567",
      })
  void whatIsNoKeyIsNotFound(String text) {
    assertThat(KeyDetector.find(text)).isEmpty();
  }

  @Test
  void keyWithOneCharacterChangedOrLeftOutIsNotFound() {
    String key = key("acme", "live");
    for (int i = 0; i < key.length(); i++) {
      for (char c : (BASE62 + "_- \u0430\u0000").toCharArray()) {
        String changed = key.substring(0, i) + c + key.substring(i + 1);
        if (c != key.charAt(i)) {
          assertThat(KeyDetector.find(changed)).as(changed).isEmpty();
        }
      }
      assertThat(KeyDetector.find(key.substring(0, i) + key.substring(i + 1))).isEmpty();
    }
    assertThat(KeyDetector.find(key("ninechars", "live"))).isEmpty();
    assertThat(KeyDetector.find(key("9k", "live"))).isEmpty();
    assertThat(KeyDetector.find(key("Ak", "live"))).isEmpty();
    assertThat(KeyDetector.find(key("ak", "prod"))).isEmpty();
  }

  /** Against every start and end in short texts, by a checksum written a second time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void findsWhatTheBruteForceFinds(int seed) {
    Random drawn = new Random(seed);
    String[] parts = {"_live_", "_test_", "a", "k", "9", "_", " ", "Z", "live", "=", "\u0131"};
    for (int round = 0; round < 3_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = drawn.nextInt(8); i >= 0; i--) {
        text.append(drawn.nextInt(4) == 0 ? key("ak", "test") : parts[drawn.nextInt(parts.length)]);
      }
      assertThat(found(text.toString())).isEqualTo(bruteForce(text.toString()));
    }
  }

  private static List<String> bruteForce(String text) {
    List<String> keys = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int length = 0;
      for (int end = start + 45; end <= Math.min(text.length(), start + 52); end++) {
        String part = text.substring(start, end);
        if (PATTERN.matcher(part).matches()
            && part.endsWith(checksum(part.substring(0, part.length() - 6)))) {
          keys.add(part);
          length = part.length();
        }
      }
      start += Math.max(1, length);
    }
    return keys;
  }

  /** Ten million characters of what makes naive searches slow; a square of it would not end. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "_",
        "_live_",
        "a_live_",
        "aaaaaaaa_live_",
        "ak_live_0123456789012345678901234567890123456",
        "ak_live_01234567890123456789012345678901234567",
        "aaaaaaaa_test_01234567890123456789012345678901234567_live",
      })
  void hostileTextTakesLinearTime(String unit) {
    String text = unit.repeat(10_000_000 / unit.length());

    assertThat(KeyDetector.find(text)).isEmpty();
    assertThat(PATTERN.matcher(text).results().count()).isNotNegative();
    String key = key("ak", "live");
    assertThat(found(text + " " + key)).containsExactly(key);
  }

  private static List<String> found(String text) {
    return KeyDetector.find(text).stream()
        .map(found -> text.substring(found.start(), found.end()))
        .toList();
  }

  private String key(String name, String mode) {
    StringBuilder key = new StringBuilder(name).append('_').append(mode).append('_');
    for (int i = 0; i < 32; i++) {
      key.append(BASE62.charAt(random.nextInt(62)));
    }
    return key + checksum(key.toString());
  }

  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    StringBuilder digits = new StringBuilder();
    for (long rest = crc.getValue(); digits.length() < 6; rest /= 62) {
      digits.insert(0, BASE62.charAt((int) (rest % 62)));
    }
    return digits.toString();
  }
}
