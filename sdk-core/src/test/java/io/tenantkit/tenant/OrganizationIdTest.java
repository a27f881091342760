package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrganizationIdTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "acme", "acme-2", "acme_2", "0-_", "a--", "i"})
  void lowerCaseIdsAreAccepted(String text) {
    assertThat(OrganizationId.of(text).value()).isEqualTo(text);
    assertThat(OrganizationId.of(text)).hasToString(text);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void anythingElseIsRefusedNamingTheBoundAndNotTheValue(String text) {
    assertThatThrownBy(() -> OrganizationId.of(text))
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e -> {
              assertThat(e.property()).isEqualTo("organizationId");
              assertThat(e.bound()).contains("1 to 255 characters");
            })
        .hasMessage(
            "organizationId: 1 to 255 characters of a-z, 0-9, '_' and '-', beginning with a letter"
                + " or digit");
  }

  static Stream<String> refused() {
    return Stream.of(
        "",
        "x".repeat(256),
        "x".repeat(300),
        "x".repeat(10_000_000),
        "*",
        "%",
        "acme\u0000",
        "\u0000",
        "ACME",
        "Acme",
        "acmE",
        "\u0131nitech",
        "\u0130nitech",
        "\u212Aelvin",
        "-acme",
        "_acme",
        " acme",
        "acme ",
        "acme\n",
        "ac me",
        "ac.me",
        "ac/me",
        "ac:me",
        "acm\u00E9",
        "\u0430cme",
        "acme\uD83D\uDE80",
        "'; drop table organization; --");
  }

  @Test
  void longestIdIsAccepted() {
    assertThat(OrganizationId.of("x".repeat(255)).value()).hasSize(255);
  }

  @Test
  void nullIsNoId() {
    assertThatThrownBy(() -> OrganizationId.of(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void idsAreOrderedByTheirCharacters() {
    assertThat(
            Stream.of("b", "a_b", "a-b", "ab", "a", "0").map(OrganizationId::of).sorted().toList())
        .containsExactlyElementsOf(
            Stream.of("0", "a", "a-b", "a_b", "ab", "b").map(OrganizationId::of).toList());
  }
}
