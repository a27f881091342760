package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.testing.InsecureFixedRandom;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyFormatTest {
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private final SecureRandom random = new InsecureFixedRandom(2);

  @ParameterizedTest
  @EnumSource(KeyMode.class)
  void keyHasItsModesPrefixAndTheDetectorsShapeAndItsChecksumHolds(KeyMode mode) {
    for (int i = 0; i < 200; i++) {
      String key = key(mode);
      assertThat(key).startsWith(mode.prefix()).matches("ak_(live|test)_[0-9A-Za-z]{38}");
      assertThat(key.lastIndexOf('_')).isEqualTo(KeyFormat.PREFIX - 1);
      assertThat(KeyFormat.ourShape(key)).isTrue();
      assertThat(holds(key)).isTrue();
      assertThat(KeyMode.ofPrefix(key.substring(0, KeyFormat.SHOWN))).isEqualTo(mode);
    }
  }

  @Test
  void everyChangeOfOneCharacterIsDetected() {
    String key = key(KeyMode.LIVE);
    for (int at = KeyFormat.PREFIX; at < KeyFormat.LENGTH; at++) {
      for (char c : BASE62.toCharArray()) {
        if (c != key.charAt(at)) {
          String changed = key.substring(0, at) + c + key.substring(at + 1);
          assertThat(holds(changed)).as("%s at %s", c, at).isFalse();
        }
      }
    }
  }

  @Test
  void everySwapOfTwoNeighboursIsDetected() {
    for (int round = 0; round < 50; round++) {
      String key = key(KeyMode.TEST);
      for (int at = KeyFormat.PREFIX; at < KeyFormat.LENGTH - 1; at++) {
        if (key.charAt(at) != key.charAt(at + 1)) {
          String swapped =
              key.substring(0, at) + key.charAt(at + 1) + key.charAt(at) + key.substring(at + 2);
          assertThat(holds(swapped)).as("swap at %s", at).isFalse();
        }
      }
    }
  }

  @Test
  void liveKeyDoesNotPassForATestKey() {
    String live = key(KeyMode.LIVE);
    String asTest = KeyMode.TEST.prefix() + live.substring(KeyFormat.PREFIX);

    assertThat(KeyFormat.ourShape(asTest)).isTrue();
    assertThat(holds(asTest)).isFalse();
  }

  @Test
  void otherShapesAreNotOurs() {
    String key = key(KeyMode.LIVE);

    assertThat(KeyFormat.ourShape("")).isFalse();
    assertThat(KeyFormat.ourShape(key + "0")).isFalse();
    assertThat(KeyFormat.ourShape(key.substring(1))).isFalse();
    assertThat(KeyFormat.ourShape("AK_LIVE_" + key.substring(8))).isFalse();
    assertThat(KeyFormat.ourShape("ak_prod_" + key.substring(8))).isFalse();
    assertThat(KeyFormat.ourShape(key.substring(0, 20) + "_" + key.substring(21))).isFalse();
    assertThat(KeyFormat.ourShape(key.substring(0, 20) + "\u0131" + key.substring(21))).isFalse();
  }

  @Test
  void everyCharacterIsEquallyLikely() {
    int keys = 6_000;
    int[] seen = new int[128];
    for (int i = 0; i < keys; i++) {
      byte[] key = KeyFormat.generate(KeyMode.LIVE.prefix(), random);
      for (int at = KeyFormat.PREFIX; at < KeyFormat.PREFIX + KeyFormat.BODY; at++) {
        seen[key[at]]++;
      }
    }

    double expected = keys * (double) KeyFormat.BODY / BASE62.length();
    double chiSquare = 0;
    for (char c : BASE62.toCharArray()) {
      chiSquare += (seen[c] - expected) * (seen[c] - expected) / expected;
    }
    // 61 degrees of freedom; the seed is fixed, and a modulo bias gives thousands.
    assertThat(chiSquare).isLessThan(120);
  }

  @Test
  void keysAreNotRepeated() {
    Set<String> keys = new HashSet<>();
    SecureRandom platform = new SecureRandom();
    for (int i = 0; i < 10_000; i++) {
      keys.add(
          new String(
              KeyFormat.generate(KeyMode.LIVE.prefix(), platform), StandardCharsets.US_ASCII));
    }

    assertThat(keys).hasSize(10_000);
  }

  private String key(KeyMode mode) {
    return new String(KeyFormat.generate(mode.prefix(), random), StandardCharsets.US_ASCII);
  }

  private static boolean holds(String key) {
    return KeyFormat.checksumHolds(key.getBytes(StandardCharsets.US_ASCII));
  }
}
