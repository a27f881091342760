package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tenant.ScopeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of the documentation of {@link ScopeQuery} and of {@code Scope}. */
class ScopeQueryExamplesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flows:read                                     | flows:read            | true",
        "flows:read                                     | flows:*               | true",
        "flows:read                                     | *                     | true",
        "flows:read                                     | flows:execute         | false",
        "flows:read AND livekit:create-session          | flows:*,livekit:*     | true",
        "flows:read AND livekit:create-session          | flows:*               | false",
        "flows:read OR flows:execute AND agents:read    | flows:read            | true",
        "flows:read OR flows:execute AND agents:read    | flows:execute         | false",
        "(flows:read OR flows:execute) AND agents:read  | flows:execute,agents:read | true",
        "(flows:read OR flows:execute) AND agents:read  | flows:read            | false",
        "livekit:*                                      | livekit:*             | true",
        "livekit:*                                      | *                     | true",
        "livekit:*                                      | livekit:read          | false",
        "livekit:rooms:*                                | livekit:*             | true",
        "livekit:*                                      | livekit:rooms:*       | false",
        "livekit                                        | livekit:*             | false",
        "a:*                                            | a:b,a:c               | false",
      })
  void queryIsMetAsTheDocumentationSays(String query, String granted, boolean met) {
    ScopeSet scopes = ScopeSet.of(granted.split(","));

    assertThat(ScopeQuery.parse(query).missingFrom(scopes).isEmpty()).isEqualTo(met);
  }
}
