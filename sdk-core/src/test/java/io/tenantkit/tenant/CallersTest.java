package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Actors and operators. */
class CallersTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "a\rb", "\u0000", "\u001B[2J", "\u0085"})
  void actorsWithoutAnIdOrWithControlCharactersAreRefused(String id) {
    assertThatThrownBy(() -> Actor.host(id))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("actor: 1 to 255 characters without control characters");
  }

  @Test
  void actorIdIsBounded() {
    assertThat(new Actor(Actor.Kind.USER, "x".repeat(255)).id()).hasSize(255);
    assertThatThrownBy(() -> Actor.host("x".repeat(256))).isInstanceOf(InvalidInputException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t", "because\nforged line", "\u0000"})
  void operatorNeedsAReasonInOneLine(String reason) {
    assertThatThrownBy(() -> Operator.trusted("ops", reason))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("reason: 1 to 1,000 characters without control characters");
  }

  @Test
  void operatorsReasonIsBounded() {
    assertThat(Operator.trusted("ops", "x".repeat(1_000)).reason()).hasSize(1_000);
    assertThatThrownBy(() -> Operator.trusted("ops", "x".repeat(1_001)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> Operator.trusted("", "reason"))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void operatorActsAsOperatorAndKeepsWhoAndWhyWhenItJoins() {
    Operator operator = Operator.trusted("ops", "onboarding");
    HostTransaction transaction = action -> {};

    Operator joined = operator.joining(transaction);

    assertThat(joined.actor()).isEqualTo(new Actor(Actor.Kind.OPERATOR, "ops"));
    assertThat(joined.reason()).isEqualTo("onboarding");
    assertThat(joined.transaction()).containsSame(transaction);
    assertThat(operator.transaction()).isEmpty();
    assertThat(operator).hasToString("Operator[ops: onboarding]");
  }
}
