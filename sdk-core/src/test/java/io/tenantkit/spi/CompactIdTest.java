package io.tenantkit.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactIdTest {
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final String ID = "key_01m7zrb8gp9y2bnc6t16dyr6pj";

  private static String again(String text) {
    assertThat(CompactId.fits("key", text)).as(text).isTrue();
    return CompactId.text("key", CompactId.high(text), CompactId.low(text));
  }

  @Test
  void anyBitsComeBack() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      long high = random.nextLong();
      long low = random.nextLong();
      String text = CompactId.text("key", high, low);

      assertThat(again(text)).isEqualTo(text);
      assertThat(CompactId.high(text)).isEqualTo(high);
      assertThat(CompactId.low(text)).isEqualTo(low);
    }
  }

  @Test
  void eachBitHasItsPlace() {
    for (int bit = 0; bit < Long.SIZE; bit++) {
      String high = CompactId.text("key", 1L << bit, 0);
      String low = CompactId.text("key", 0, 1L << bit);

      assertThat(CompactId.high(high)).isEqualTo(1L << bit);
      assertThat(CompactId.low(high)).isZero();
      assertThat(CompactId.high(low)).isZero();
      assertThat(CompactId.low(low)).isEqualTo(1L << bit);
    }
  }

  @Test
  void anyTextOfTheShapeComesBack() {
    Random random = new Random(2);
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder("key_").append(random.nextInt(8));
      for (int c = 0; c < 25; c++) {
        text.append(ALPHABET.charAt(random.nextInt(32)));
      }
      assertThat(again(text.toString())).isEqualTo(text.toString());
    }
    assertThat(List.of(ID, "key_" + "0".repeat(26), "key_7" + "z".repeat(25)))
        .allSatisfy(text -> assertThat(again(text)).isEqualTo(text));
  }

  @Test
  void generatedIdsFit() {
    IdGenerator ids =
        new IdGenerator(
            TickingClock.at(Instant.parse("2026-11-21T12:00:00.123Z")), new InsecureFixedRandom(1));
    for (int i = 0; i < 1_000; i++) {
      String id = ids.next("key");
      assertThat(again(id)).isEqualTo(id);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "key",
        "key_",
        "key_1",
        "key-01m7zrb8gp9y2bnc6t16dyr6pj",
        "kex_01m7zrb8gp9y2bnc6t16dyr6pj",
        "xkey_01m7zrb8gp9y2bnc6t16dyr6pj",
        "key_01m7zrb8gp9y2bnc6t16dyr6p",
        "key_01m7zrb8gp9y2bnc6t16dyr6pjj",
        "key_81m7zrb8gp9y2bnc6t16dyr6pj",
        "key_z1m7zrb8gp9y2bnc6t16dyr6pj",
        "key__1m7zrb8gp9y2bnc6t16dyr6pj",
        "key_01m7zrb8gp9y2bnc6t16dyr6pu",
        "key_01m7zrb8gp9y2bnc6t16dyr6pl",
        "key_01m7zrb8gp9y2bnc6t16dyr6p\u00E9",
        "key_01m7zrb8gp9y2bnc6t16dyr6p\uFF11"
      })
  void otherTextsDoNotFit(String text) {
    assertThat(CompactId.fits("key", text)).isFalse();
  }

  @Test
  void upperCaseIsAnotherText() {
    for (int i = 0; i < ID.length(); i++) {
      String text = ID.substring(0, i) + ID.substring(i, i + 1).toUpperCase(Locale.ROOT);
      text += ID.substring(i + 1);
      assertThat(CompactId.fits("key", text)).isEqualTo(text.equals(ID));
    }
  }
}
