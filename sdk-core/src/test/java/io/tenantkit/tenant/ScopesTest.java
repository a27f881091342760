package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScopesTest {

  /** The scopes that keys of the first hosts are granted, as their documentation lists them. */
  @Test
  void theTwelveScopesThatHostsKnowAreConstants() throws IllegalAccessException {
    List<Scope> constants = new ArrayList<>();
    for (Field field : Scopes.class.getFields()) {
      constants.add((Scope) field.get(null));
    }

    assertThat(constants)
        .doesNotHaveDuplicates()
        .extracting(Scope::value)
        .contains(
            "flows:read",
            "flows:execute",
            "flows:*",
            "livekit:read",
            "livekit:create-session",
            "livekit:*",
            "sessions:read",
            "sessions:monitor",
            "agents:read",
            "api-keys:read",
            "api-keys:write",
            "*");
  }

  @Test
  void administrationOfKeysIsNotGrantedByTheWay() {
    ScopeSet everythingElse = ScopeSet.of("flows:*", "livekit:*", "sessions:*", "agents:*");

    assertThat(everythingElse.covers(Scopes.API_KEYS_READ)).isFalse();
    assertThat(everythingElse.covers(Scopes.API_KEYS_WRITE)).isFalse();
    assertThat(ScopeSet.of("api-keys:read").covers(Scopes.API_KEYS_WRITE)).isFalse();
    assertThat(ScopeSet.of("*").covers(Scopes.API_KEYS_WRITE)).isTrue();
  }
}
