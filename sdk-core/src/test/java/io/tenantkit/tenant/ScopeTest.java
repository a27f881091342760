package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scopes and sets of them, against a matcher that is written another way. */
class ScopeTest {
  private static final List<String> SEGMENTS = List.of("a", "b", "ab", "a-b", "a_b", "0");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ":",
        "a:",
        ":a",
        "a::b",
        "a:*:b",
        "*:a",
        "a*",
        "*a",
        "a:b*",
        "a:**",
        "**",
        "*:*",
        "A",
        "a:B",
        "\u0131",
        "\u0130",
        "\u212A",
        "a b",
        "a:b ",
        "\ta",
        "a\n",
        "a\u0000",
        "a.b",
        "a/b",
        "a,b",
        "\uD83D\uDE80",
        "\uFF0A"
      })
  void whatIsNotInTheGrammarIsRefused(String text) {
    assertThatThrownBy(() -> Scope.of(text)).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void lengthIsBounded() {
    assertThat(Scope.of("s".repeat(128)).value()).hasSize(128);
    assertThat(Scope.of("s".repeat(126) + ":*").value()).hasSize(128);
    assertThatThrownBy(() -> Scope.of("s".repeat(129))).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> Scope.of("a:".repeat(500_000)))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void wildcardCoversWholeSegmentsOnly() {
    assertThat(Scope.of("a:*").covers(Scope.of("a:b"))).isTrue();
    assertThat(Scope.of("a:*").covers(Scope.of("a:b:0"))).isTrue();
    assertThat(Scope.of("a:*").covers(Scope.of("a:b:*"))).isTrue();
    assertThat(Scope.of("a:*").covers(Scope.of("a"))).isFalse();
    assertThat(Scope.of("a:*").covers(Scope.of("ab:b"))).isFalse();
    assertThat(Scope.of("a:b").covers(Scope.of("a:*"))).isFalse();
    assertThat(Scope.of("a:*").covers(Scope.of("*"))).isFalse();
    assertThat(Scope.of("*").covers(Scope.of("*"))).isTrue();
  }

  @Test
  void coversAgreesWithTheReferenceOnAllSmallScopes() {
    List<Scope> all = smallScopes();
    int covered = 0;
    for (Scope granted : all) {
      for (Scope requested : all) {
        boolean expected = reference(granted, requested);
        assertThat(granted.covers(requested))
            .as("%s covers %s", granted, requested)
            .isEqualTo(expected);
        covered += expected ? 1 : 0;
      }
    }
    assertThat(covered).isGreaterThan(all.size());
  }

  @Test
  void setsCoverWhatOneOfTheirScopesCovers() {
    Random random = new Random(11);
    List<Scope> all = smallScopes();
    for (int round = 0; round < 300; round++) {
      List<Scope> granted = draw(random, all);
      ScopeSet set = ScopeSet.of(granted);
      for (Scope requested : all) {
        boolean expected = granted.stream().anyMatch(each -> reference(each, requested));
        assertThat(set.covers(requested)).as("%s covers %s", set, requested).isEqualTo(expected);
      }
    }
  }

  @Test
  void intersectionCoversExactlyWhatBothCover() {
    Random random = new Random(12);
    List<Scope> all = smallScopes();
    for (int round = 0; round < 300; round++) {
      ScopeSet a = ScopeSet.of(draw(random, all));
      ScopeSet b = ScopeSet.of(draw(random, all));
      ScopeSet both = a.intersect(b);
      for (Scope requested : all) {
        assertThat(both.covers(requested))
            .as("%s in %s and %s", requested, a, b)
            .isEqualTo(a.covers(requested) && b.covers(requested));
      }
      assertThat(a.coversAll(both)).isTrue();
      assertThat(b.coversAll(both)).isTrue();
    }
  }

  @Test
  void intersectionOfTwoFullSetsIsNeverRefused() {
    ScopeSet a = fullSet("a", "b");
    ScopeSet b = fullSet("b", "a");

    ScopeSet both = a.intersect(b);

    assertThat(both.covers(Scope.of("a:7"))).isTrue();
    assertThat(both.covers(Scope.of("b:7"))).isTrue();
    assertThat(both.covers(Scope.of("a:1000"))).isFalse();
  }

  /** Everything of one stem and 99 scopes of the other. */
  private static ScopeSet fullSet(String whole, String single) {
    List<Scope> scopes = new ArrayList<>(List.of(Scope.of(whole + ":*")));
    IntStream.range(0, 99).mapToObj(i -> Scope.of(single + ":" + i)).forEach(scopes::add);
    return ScopeSet.of(scopes);
  }

  @Test
  void setsHoldAtMostAHundredDifferentScopes() {
    List<Scope> scopes = IntStream.range(0, 101).mapToObj(i -> Scope.of("s:" + i)).toList();

    assertThat(ScopeSet.of(scopes.subList(0, 100)).toList()).hasSize(100);
    assertThatThrownBy(() -> ScopeSet.of(scopes)).isInstanceOf(InvalidInputException.class);
    assertThat(ScopeSet.of(IntStream.range(0, 500).mapToObj(i -> Scope.of("same")).toList()))
        .isEqualTo(ScopeSet.of("same"));
  }

  @Test
  void setsAreSortedWithoutRepeatsAndCannotBeChanged() {
    List<Scope> given = new ArrayList<>(List.of(Scope.of("b"), Scope.of("a"), Scope.of("b")));
    ScopeSet set = ScopeSet.of(given);
    given.add(Scope.of("*"));

    assertThat(set.toList()).containsExactly(Scope.of("a"), Scope.of("b"));
    assertThat(set).isEqualTo(ScopeSet.of("a", "b")).hasSameHashCodeAs(ScopeSet.of("a", "b"));
    assertThatThrownBy(() -> set.toList().add(Scope.of("*")))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void emptySetCoversNothingAndIsCoveredByAll() {
    assertThat(ScopeSet.none().covers(Scope.of("a"))).isFalse();
    assertThat(ScopeSet.none().coversAll(ScopeSet.none())).isTrue();
    assertThat(ScopeSet.of("a").coversAll(ScopeSet.none())).isTrue();
    assertThat(ScopeSet.all().intersect(ScopeSet.none())).isEqualTo(ScopeSet.none());
    assertThat(ScopeSet.none().intersect(ScopeSet.all())).isEqualTo(ScopeSet.none());
  }

  /** Segment by segment, where the code under test compares prefixes. */
  private static boolean reference(Scope granted, Scope requested) {
    List<String> holds = Arrays.asList(granted.value().split(":", -1));
    List<String> asks = Arrays.asList(requested.value().split(":", -1));
    for (int i = 0; i < holds.size(); i++) {
      if (holds.get(i).equals("*")) {
        return i < asks.size();
      }
      if (i >= asks.size() || !holds.get(i).equals(asks.get(i))) {
        return false;
      }
    }
    return holds.size() == asks.size();
  }

  private static List<Scope> draw(Random random, List<Scope> all) {
    return IntStream.range(0, random.nextInt(5))
        .mapToObj(i -> all.get(random.nextInt(all.size())))
        .toList();
  }

  /** Every scope of up to two segments, some of three, each with and without a wildcard. */
  private static List<Scope> smallScopes() {
    List<String> stems = new ArrayList<>(SEGMENTS);
    for (String first : SEGMENTS) {
      SEGMENTS.forEach(second -> stems.add(first + ":" + second));
    }
    for (String first : List.of("a", "ab")) {
      for (String second : List.of("a", "b")) {
        List.of("a", "0").forEach(third -> stems.add(first + ":" + second + ":" + third));
      }
    }
    List<Scope> all = new ArrayList<>(List.of(Scope.of("*")));
    for (String stem : stems) {
      all.add(Scope.of(stem));
      all.add(Scope.of(stem + ":*"));
    }
    return all;
  }
}
