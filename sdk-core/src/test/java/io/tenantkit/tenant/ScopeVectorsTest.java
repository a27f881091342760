package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The cases of {@code scope_match_cases.json}. A case whose expectation is a sentence is about a
 * grant that is refused when it is made, but for {@code *}, which is well-formed: who may grant it
 * is the key manager's rule.
 */
class ScopeVectorsTest {

  @ParameterizedTest
  @MethodSource("decided")
  void coversAsTheVectorsSay(String granted, String requested, boolean expected) {
    assertThat(covers(granted, requested)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void grantIsRefusedWhenItIsMade(String granted) {
    assertThatThrownBy(() -> Scope.of(granted))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("scope: 1 to 128 characters");
  }

  @Test
  void fileHasTheCasesItHadWhenThisWasWritten() {
    assertThat(decided()).hasSize(15);
    assertThat(refused()).hasSize(10);
  }

  /** What cannot be made is not covered. */
  private static boolean covers(String granted, String requested) {
    try {
      return Scope.of(granted).covers(Scope.of(requested));
    } catch (InvalidInputException e) {
      return false;
    }
  }

  static Stream<Arguments> decided() {
    return cases().stream()
        .filter(each -> each.get("expected").isBoolean())
        .map(
            each ->
                Arguments.of(
                    each.get("granted").asText(),
                    each.get("requested").asText(),
                    each.get("expected").asBoolean()));
  }

  static Stream<String> refused() {
    return cases().stream()
        .filter(each -> each.get("expected").isTextual())
        .map(each -> each.get("granted").asText())
        .filter(granted -> !granted.equals("*"));
  }

  private static List<JsonNode> cases() {
    try (InputStream file =
        Objects.requireNonNull(
            ScopeVectorsTest.class.getResourceAsStream("scope_match_cases.json"))) {
      List<JsonNode> cases = new ArrayList<>();
      new ObjectMapper().readTree(file).get("cases").forEach(cases::add);
      return cases;
    } catch (IOException e) {
      throw new IllegalStateException("the vector file cannot be read", e);
    }
  }
}
