package io.tenantkit.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.tenant.OrganizationSettings;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SeedParserTest {
  private static final String HASH = "ab".repeat(32);

  @Test
  void anOrganizationNeedsIdAndNameAndNoMore() {
    SeedPlan plan = SeedParser.parse("{\"id\":\"acme\",\"name\":\"Acme\"}", KeyMode.LIVE);

    assertThat(plan.organizations())
        .singleElement()
        .satisfies(
            acme -> {
              assertThat(acme.settings()).isEqualTo(OrganizationSettings.defaults());
              assertThat(acme.keys()).isEmpty();
            });
  }

  @Test
  void anEmptyArrayAsksForNothing() {
    assertThat(SeedParser.parse("[]", KeyMode.LIVE).organizations()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/ | 5",
        "/ | \"acme\"",
        "/ | {\"id\":\"acme\",\"name\":\"Acme\"} {}",
        "/0 | [5]",
        "/id | {\"name\":\"Acme\"}",
        "/id | {\"id\":5,\"name\":\"Acme\"}",
        "/id | {\"id\":null,\"name\":\"Acme\"}",
        "/id | {\"id\":\"CANARY\",\"name\":\"Acme\"}",
        "/id | {\"id\":\"acme\",\"id\":\"acme\",\"name\":\"Acme\"}",
        "/1/id | [{\"id\":\"acme\",\"name\":\"A\"},{\"id\":\"acme\",\"name\":\"A\"}]",
        "/name | {\"id\":\"acme\"}",
        "/name | {\"id\":\"acme\",\"name\":\" \"}",
        "/plan | {\"id\":\"acme\",\"name\":\"A\",\"plan\":\"CANARY\"}",
        "/apiKeys | {\"id\":\"acme\",\"name\":\"A\",\"apiKeys\":[]}",
        "/metadata | {\"id\":\"acme\",\"name\":\"A\",\"metadata\":null}",
        "/metadata | {\"id\":\"acme\",\"name\":\"A\",\"metadata\":[]}",
        "/metadata/tier | {\"id\":\"acme\",\"name\":\"A\",\"metadata\":{\"tier\":\"CANARY !\"}}",
        "/metadata/x~1y | {\"id\":\"acme\",\"name\":\"A\",\"metadata\":{\"x/y\":1}}",
        "/metadata/? | {\"id\":\"acme\",\"name\":\"A\",\"metadata\":{\"\\n\":1}}",
        "/metadata/description | {\"id\":\"acme\",\"name\":\"A\",\"metadata\":{\"description\":\"\"}}"
      })
  void whatIsNotThatShapeIsRefusedByItsPlace(String place, String json) {
    assertRefused(json, place);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/metadata/apiKeys | {}",
        "/metadata/apiKeys/0 | [5]",
        "/metadata/apiKeys/0/name | [{}]",
        "/metadata/apiKeys/0/name | [{\"name\":\"\"}]",
        "/metadata/apiKeys/1/name | [{\"name\":\"a\"},{\"name\":\"a\"}]",
        "/metadata/apiKeys/0/name | [{\"name\":\"a\",\"name\":\"b\"}]",
        "/metadata/apiKeys/0/key | [{\"name\":\"a\",\"key\":\"CANARY\"}]",
        "/metadata/apiKeys/0/description | [{\"name\":\"a\",\"description\":5}]",
        "/metadata/apiKeys/0/scopes | [{\"name\":\"a\",\"scopes\":\"*\"}]",
        "/metadata/apiKeys/0/scopes/1 | [{\"name\":\"a\",\"scopes\":[\"*\",\"CANARY\"]}]",
        "/metadata/apiKeys/0/scopes/0 | [{\"name\":\"a\",\"scopes\":[5]}]",
        "/metadata/apiKeys/0/keyHash | [{\"name\":\"a\",\"keyHash\":\"CANARY\"}]",
        "/metadata/apiKeys/0/keyHash | [{\"name\":\"a\",\"keyHash\":\"\"}]",
        "/metadata/apiKeys/0/rateLimit | [{\"name\":\"a\",\"rateLimit\":5}]",
        "/metadata/apiKeys/0/rateLimit/perDay | [{\"name\":\"a\",\"rateLimit\":{\"perDay\":5}}]",
        "/metadata/apiKeys/0/rateLimit/requestsPerMinute | [{\"name\":\"a\",\"rateLimit\":{\"requestsPerMinute\":0}}]",
        "/metadata/apiKeys/0/rateLimit/requestsPerMinute | [{\"name\":\"a\",\"rateLimit\":{\"requestsPerMinute\":1.5}}]",
        "/metadata/apiKeys/0/rateLimit/requestsPerHour | [{\"name\":\"a\",\"rateLimit\":{\"requestsPerHour\":\"5\"}}]",
        "/metadata/apiKeys/0/rateLimit/requestsPerHour | [{\"name\":\"a\",\"rateLimit\":{\"requestsPerHour\":99999999999999999999}}]",
        "/metadata/apiKeys/0/rateLimit/requestsPerHour | [{\"name\":\"a\",\"rateLimit\":{\"requestsPerHour\":null}}]"
      })
  void whatIsNoKeyIsRefusedByItsPlace(String place, String keys) {
    assertRefused(withKeys(keys), place);
  }

  @Test
  void aHashStandsOnceInAFile() {
    String key = "{\"name\":\"a\",\"keyHash\":\"" + HASH + "\"}";
    String organization = "{\"id\":\"%s\",\"name\":\"A\",\"metadata\":{\"apiKeys\":[" + key + "]}}";

    assertRefused(
        "[" + organization.formatted("acme") + "," + organization.formatted("globex") + "]",
        "/1/metadata/apiKeys/0/keyHash");
  }

  @Test
  void nestingSizeAndCountsAreBounded() {
    assertRefused("[".repeat(100), "");
    assertRefused("[" + "5,".repeat(2_000) + "5]", "/");
    assertRefused(" ".repeat(1024 * 1024 + 1), "/");
    assertRefused(
        withKeys("[" + String.join(",", Collections.nCopies(101, "{}")) + "]"),
        "/metadata/apiKeys");
    assertRefused(
        withKeys(
            "[{\"name\":\"a\",\"scopes\":["
                + String.join(",", Collections.nCopies(101, "\"a\""))
                + "]}]"),
        "/metadata/apiKeys/0/scopes");
  }

  private static String withKeys(String keys) {
    return "{\"id\":\"acme\",\"name\":\"A\",\"metadata\":{\"apiKeys\":" + keys + "}}";
  }

  private static void assertRefused(String json, String place) {
    assertThatThrownBy(() -> SeedParser.parse(json, KeyMode.LIVE))
        .isInstanceOfSatisfying(
            InvalidInputException.class, e -> assertThat(e.property()).startsWith(place))
        .hasMessageNotContaining("CANARY");
  }
}
