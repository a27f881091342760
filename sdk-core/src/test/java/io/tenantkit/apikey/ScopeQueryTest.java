package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScopeQueryTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a                                  | a",
        "a AND b OR c                       | a AND b OR c",
        "a OR b AND c                       | a OR b AND c",
        "(a OR b) AND c                     | (a OR b) AND c",
        "a OR (b AND c)                     | a OR b AND c",
        "(a AND b) OR c                     | a AND b OR c",
        "a AND (b AND c)                    | a AND (b AND c)",
        "a OR (b OR c)                      | a OR (b OR c)",
        "((a))                              | a",
        "((a) AND  ( b  OR   c))            | a AND (b OR c)",
        "livekit:* AND (flows:read OR *)    | livekit:* AND (flows:read OR *)",
        "and AND or OR a-n_d                | and AND or OR a-n_d",
      })
  void textIsReadAndGivenBack(String text, String canonical) {
    assertThat(ScopeQuery.parse(text)).hasToString(canonical);
    assertThat(ScopeQuery.parse("  " + text + "  ")).hasToString(canonical);
    assertThat(ScopeQuery.parse(canonical)).hasToString(canonical);
  }

  @Test
  void andBindsTighterThanOr() {
    assertThat(met("a OR b AND c", "a")).isTrue();
    assertThat(met("a AND b OR c", "c")).isTrue();
    assertThat(met("a AND b OR c", "a")).isFalse();
    assertThat(met("(a OR b) AND c", "a")).isFalse();
    assertThat(met("(a OR b) AND c", "b", "c")).isTrue();
    assertThat(met("a AND (b OR c)", "c")).isFalse();
    assertThat(met("livekit:rooms AND (b OR c)", "c", "livekit:*")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a AND b AND a                      | a,b",
        "a OR b                             | a,b",
        "a AND (b OR c)                     | a,b",
        "a AND b OR c                       | c",
        "a AND b OR c AND d                 | a,b",
        "(a OR b) AND b                     | b",
        "(a OR b AND c) AND b AND c         | b,c",
        "held AND a                         | a",
        "held AND a OR b AND c              | a",
        "held OR a                          | ''",
        "(a AND b OR held AND c) AND d      | d,c",
      })
  void missingIsWhatTheCheapestAlternativesLack(String text, String missing) {
    List<Scope> expected = missing.isEmpty() ? List.of() : scopes(missing.split(","));

    assertThat(ScopeQuery.parse(text).missingFrom(ScopeSet.of("held")))
        .containsExactlyElementsOf(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "'   '|4: a scope or '('",
        "()|2: a scope or '('",
        ")|1: a scope or '('",
        "(a|3: AND or OR between spaces, or ')'",
        "a)|2: AND or OR between spaces, or the end",
        "a b|3: AND or OR between spaces, or the end",
        "a and b|3: AND or OR between spaces, or the end",
        "a ANDb|3: AND or OR between spaces, or the end",
        "a AND(b)|3: AND or OR between spaces, or the end",
        "(a)AND b|4: AND or OR between spaces, or the end",
        "a(b)|2: AND or OR between spaces, or the end",
        "a AND |7: a scope or '('",
        "a AND|3: AND or OR between spaces, or the end",
        "a AND AND b|7: a scope or '('",
        "AND|1: a scope or '('",
        "OR a|1: a scope or '('",
        "NOT a|1: a scope or '('",
        "a AND b:|7: a scope or '('",
        "a\tAND b|1: a scope or '('",
        "a AND \u00A0b|7: a scope or '('",
        "a \u0410ND b|3: AND or OR between spaces, or the end",
        "a && b|3: AND or OR between spaces, or the end",
        "a\u0000|1: a scope or '('",
        "a OR \uD83D|6: a scope or '('",
        "a, b|1: a scope or '('",
        "SECRET-\u001B[31m|1: a scope or '('",
      })
  void errorNamesThePositionAndWhatWasExpectedAndNothingOfTheText(String text, String error) {
    assertThatThrownBy(() -> ScopeQuery.parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("scopeQuery: position " + error)
        .hasNoCause();
  }

  @Test
  void boundsAreExact() {
    assertThat(ScopeQuery.parse("a" + " ".repeat(999))).hasToString("a");
    assertRefused("a" + " ".repeat(1_000), "at most 1,000 characters");
    assertRefused("(".repeat(10_000_000), "at most 1,000 characters");

    String hundred = String.join(" OR ", Collections.nCopies(100, "a"));
    assertThat(ScopeQuery.parse(hundred)).hasToString(hundred);
    assertRefused(hundred + " OR a", "position 501: at most 100 scopes");

    assertThat(ScopeQuery.parse("(".repeat(16) + "a" + ")".repeat(16))).hasToString("a");
    assertRefused("(".repeat(17) + "a" + ")".repeat(17), "position 17: parentheses at most 16");
    assertRefused("(".repeat(1_000), "position 17: parentheses at most 16");
    assertThat(ScopeQuery.parse("(a) AND ".repeat(50) + "(a)")).isNotNull();

    assertRefused("", "position 1: a scope or '('");
    assertRefused("a:" + "b".repeat(127), "position 1: a scope");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyTextIsAQueryOrRefusedByThisException(int seed) {
    Random random = new Random(seed);
    String[] tokens = {"a", "b:*", "*", "(", ")", " ", " ", " AND ", " OR ", "AND", "\t", "\uD83D"};
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(tokens[random.nextInt(tokens.length)]);
      }
      try {
        String canonical = ScopeQuery.parse(text.toString()).toString();
        assertThat(canonical.length()).isLessThanOrEqualTo(text.length());
        assertThat(ScopeQuery.parse(canonical)).hasToString(canonical);
      } catch (InvalidInputException e) {
        assertThat(e.property()).isEqualTo("scopeQuery");
        assertThat(e.bound()).startsWith("position ").hasSizeLessThan(60);
      }
    }
  }

  /** Against truth tables: a query of our own making knows its meaning without being parsed. */
  @Test
  void randomQueriesMeanWhatAnIndependentEvaluatorSays() {
    Random random = new Random(7);
    for (int round = 0; round < 3_000; round++) {
      Made made = made(random, 1 + random.nextInt(4));
      ScopeQuery query = ScopeQuery.parse(made.text());
      ScopeQuery again = ScopeQuery.parse(query.toString());
      for (int held = 0; held < 16; held++) {
        ScopeSet granted = ScopeSet.of(lettersOf(held));
        List<Scope> missing = query.missingFrom(granted);

        assertThat(missing.isEmpty())
            .as("%s with %s", made.text(), granted)
            .isEqualTo((made.truth() >> held & 1) == 1);
        assertThat(missing).isEqualTo(again.missingFrom(granted)).doesNotHaveDuplicates();
        assertThat(missing).noneMatch(granted::covers);
        List<Scope> together = new ArrayList<>(granted.toList());
        together.addAll(missing);
        assertThat(query.missingFrom(ScopeSet.of(together))).isEmpty();
      }
    }
  }

  @Test
  void madeQueriesReadAsText() {
    assertThat(ScopeQuery.of("a", "b:*")).hasToString("a AND b:*");
    assertThat(ScopeQuery.of(Scope.of("a"))).hasToString("a");
    assertThat(ScopeQuery.anyOf("a", "b")).hasToString("a OR b");
    assertThat(ScopeQuery.none()).hasToString("");
    assertThat(ScopeQuery.none().missingFrom(ScopeSet.none())).isEmpty();
    assertThat(ScopeQuery.anyOf("a").missingFrom(ScopeSet.none())).containsExactly(Scope.of("a"));
  }

  /** A text, and for each of the 16 sets of the letters a to d whether it is met. */
  private record Made(String text, int truth) {}

  private static Made made(Random random, int depth) {
    if (depth == 0 || random.nextInt(5) == 0) {
      int letter = random.nextInt(4);
      int truth = 0;
      for (int held = 0; held < 16; held++) {
        truth |= (held >> letter & 1) << held;
      }
      return new Made(String.valueOf((char) ('a' + letter)), truth);
    }
    // A list of alternatives, each a list of parts in parentheses, so both rules of the grammar
    // meet.
    StringBuilder text = new StringBuilder();
    int any = 0;
    for (int i = random.nextInt(3); i >= 0; i--) {
      int all = 0xFFFF;
      for (int j = random.nextInt(3); j >= 0; j--) {
        Made part = made(random, depth - 1);
        boolean bare = part.text().length() == 1 && random.nextBoolean();
        text.append(bare ? part.text() : "( " + part.text() + ")").append(j == 0 ? "" : " AND ");
        all &= part.truth();
      }
      text.append(i == 0 ? "" : " OR ");
      any |= all;
    }
    return text.length() > 1_000 || text.chars().filter(c -> c >= 'a' && c <= 'd').count() > 100
        ? made(random, depth - 1)
        : new Made(text.toString(), any);
  }

  private static String[] lettersOf(int held) {
    List<String> letters = new ArrayList<>();
    for (int letter = 0; letter < 4; letter++) {
      if ((held >> letter & 1) != 0) {
        letters.add(String.valueOf((char) ('a' + letter)));
      }
    }
    return letters.toArray(String[]::new);
  }

  private static boolean met(String query, String... granted) {
    return ScopeQuery.parse(query).missingFrom(ScopeSet.of(granted)).isEmpty();
  }

  private static List<Scope> scopes(String... texts) {
    return List.of(texts).stream().map(Scope::of).toList();
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> ScopeQuery.parse(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("scopeQuery: " + message);
  }
}
