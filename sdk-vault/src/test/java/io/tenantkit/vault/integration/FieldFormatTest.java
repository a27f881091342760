package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldFormatTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "ab?c",
        "[a-c]{1,3}b[a-c]{0,2}",
        "a{2}[ab]{1,4}b{2}|c",
        "[ab]?[ab]?[ab]{3}",
        "\\.a|[-a]b|[a-]c",
        "a{0,3}a{0,3}b"
      })
  void agreesWithTheSameExpressionOfThePlatform(String source) {
    FieldFormat format = FieldFormat.of(source);
    Pattern pattern = Pattern.compile(source);
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(9); length > 0; length--) {
        text.append("abc.-".charAt(random.nextInt(5)));
      }
      assertThat(format.matches(text))
          .as("%s on '%s'", source, text)
          .isEqualTo(pattern.matcher(text).matches());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "|a",
        "a|",
        "(a)",
        "a*",
        "a+",
        "a.",
        "^a",
        "a$",
        "[]",
        "[a",
        "a{",
        "a{}",
        "a{2,1}",
        "a{0}",
        "a{1,}",
        "a{99999}",
        "a{8193}",
        "[b-a]",
        "a\\",
        "é",
        "a\n",
        "}",
        "]",
        "?a"
      })
  void refusesWhatIsNotOfItsGrammar(String source) {
    assertThatThrownBy(() -> FieldFormat.of(source)).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void aTextIsTakenWholeAndOnlyInAscii() {
    FieldFormat format = FieldFormat.of("sk-[A-Za-z0-9]{3}");
    assertThat(format.matches("sk-abc")).isTrue();
    assertThat(format.matches("sk-abc\n")).isFalse();
    assertThat(format.matches(" sk-abc")).isFalse();
    assertThat(format.matches("sk-ab\u0131")).isFalse();
    assertThat(format.maxLength()).isEqualTo(6);
  }

  @Test
  void doesNotBacktrack() {
    StringBuilder source = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      source.append("a{0,30}");
    }
    FieldFormat format = FieldFormat.of(source + "b");
    // A backtracking matcher would try some 10^60 ways.
    assertThat(format.matches("a".repeat(1_000))).isFalse();
    assertThat(format.matches("a".repeat(1_000) + "b")).isTrue();
  }
}
