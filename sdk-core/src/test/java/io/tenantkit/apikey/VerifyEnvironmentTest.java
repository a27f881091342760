package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tenant.Environment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Live and test keys, asked for an environment. */
class VerifyEnvironmentTest extends ApiKeyTestBase {

  @Test
  void testKeyNeverReachesProductionNorALiveKeyTheRest() {
    IssuedApiKey live = keys.create(acme, NewApiKey.live("live").scopes("flows:read"));
    IssuedApiKey test = keys.create(acme, NewApiKey.test("test").scopes("flows:read"));

    assertValid(asked(live, Environment.PRODUCTION));
    assertValid(asked(test, Environment.DEVELOPMENT));
    assertValid(asked(test, Environment.STAGING));
    assertRefused(asked(test, Environment.PRODUCTION), Verdict.Reason.WRONG_ENVIRONMENT);
    assertRefused(asked(live, Environment.DEVELOPMENT), Verdict.Reason.WRONG_ENVIRONMENT);
  }

  @Test
  void wrongEnvironmentIsNamedBesideTheOtherReasons() {
    IssuedApiKey test = keys.create(acme, NewApiKey.test("test"));
    keys.disable(acme, test.key().id());

    Verdict verdict =
        keys.verify(
            VerifyRequest.of(text(test))
                .scopes(ScopeQuery.of("flows:read"))
                .environment(Environment.PRODUCTION));

    assertThat(((Verdict.Refused) verdict).reasons())
        .containsExactlyElementsOf(
            List.of(
                Verdict.Reason.DISABLED,
                Verdict.Reason.INSUFFICIENT_SCOPE,
                Verdict.Reason.WRONG_ENVIRONMENT));
  }

  @Test
  void requestShowsNoKey() {
    IssuedApiKey live = create();
    assertThat(VerifyRequest.of(text(live)).cost(3).toString())
        .doesNotContain(text(live))
        .contains("cost=3");
  }

  private Verdict asked(IssuedApiKey key, Environment environment) {
    return keys.verify(VerifyRequest.of(text(key)).environment(environment));
  }
}
