package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose a room is, by its name. */
class RoomRuleTest {
  private static TenantContext as(String actor) {
    return TenantContext.trusted(OrganizationId.of("acme"), new Actor(Actor.Kind.USER, actor));
  }

  @ParameterizedTest
  @CsvSource({
    "standup,                standup,       true",
    "standup,                standup2,      false",
    "standup,                stand,         false",
    "*,                      anything,      true",
    "{organization}-*,       acme-1,        true",
    "{organization}-*,       acme-,         false",
    "{organization}-*,       acmeX-1,       false",
    "{organization}-*,       globex-1,      false",
    "{actor}/*,              ada/1,         true",
    "{actor}/*,              ada/1/2,       true",
    "{actor}/*,              bob/1,         false",
    "rooms/{actor},          rooms/ada,     true",
    "rooms/{actor},          rooms/ada2,    false",
    "{organization}/{actor}/*, acme/ada/x,  true",
    "a*b*c,                  a1b2c,         true",
    "a*b*c,                  abbc,          false",
    "a*b*c,                  axbbc,         true"
  })
  void aPatternSaysWhich(String pattern, String room, boolean allowed) {
    assertThat(RoomRule.like(pattern).allows(as("ada"), room)).isEqualTo(allowed);
  }

  @Test
  void anIdWithTheSeparatorOwnsNothing() {
    RoomRule own = RoomRule.like("{actor}/*");

    assertThat(own.allows(as("ada"), "ada/x/1")).isTrue();
    assertThat(own.allows(as("ada/x"), "ada/x/1")).as("else it were both's").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{who}", "{", "{actor}*", "{actor}{organization}", "**"})
  void otherPatternsAreRefused(String pattern) {
    assertThatThrownBy(() -> RoomRule.like(pattern))
        .isInstanceOfSatisfying(
            InvalidInputException.class, e -> assertThat(e.property()).isEqualTo("rooms"));
  }

  @Test
  void eitherOfTwoIsEnough() {
    RoomRule rule = RoomRule.like("lobby").or(RoomRule.like("{actor}/*"));

    assertThat(rule.allows(as("ada"), "lobby")).isTrue();
    assertThat(rule.allows(as("ada"), "ada/1")).isTrue();
    assertThat(rule.allows(as("ada"), "bob/1")).isFalse();
    assertThat(RoomRule.any().allows(as("ada"), "bob/1")).isTrue();
  }
}
