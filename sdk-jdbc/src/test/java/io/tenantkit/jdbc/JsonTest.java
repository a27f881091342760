package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON columns as a row written by hand may hold them. */
final class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[null]",
        "[1, true, 2.5]",
        "[{\"keys:read\": 1}, [\"keys:read\"]]",
        "[\"\"]"
      })
  void whatIsNoScopeGrantsNothing(String json) {
    assertThat(Json.scopes(json).toList()).isEmpty();
  }

  @Test
  void scopesBesideWhatIsNoneStay() {
    assertThat(Json.scopes("[null, \"keys:read\", 7]").toList())
        .containsExactly(Scope.of("keys:read"));
  }

  @Test
  void moreScopesThanAKeyCanHaveGrantNothing() {
    String json =
        IntStream.range(0, ScopeSet.MAX_SIZE + 20)
            .mapToObj(i -> "\"s" + i + ":read\"")
            .collect(Collectors.joining(",", "[", "]"));

    assertThat(Json.scopes(json).toList())
        .hasSize(ScopeSet.MAX_SIZE)
        .contains(Scope.of("s99:read"))
        .doesNotContain(Scope.of("s100:read"));
  }

  @Test
  void detailsThatAreNoTextAreTheirJsonAndNullsAreLeftOut() {
    assertThat(Json.details("{\"a\": null, \"b\": \"x\", \"c\": 1, \"d\": {\"e\": [true]}}"))
        .isEqualTo(Map.of("b", "x", "c", "1", "d", "{\"e\":[true]}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "7", "\"CANARY\"", "", "[", "{"})
  void otherThanExpectedIsTypedAndNotQuoted(String json) {
    for (Runnable read : new Runnable[] {() -> Json.scopes(json), () -> Json.details(json)}) {
      assertThatThrownBy(read::run)
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED))
          .hasNoCause()
          .hasMessageNotContaining("CANARY");
    }
  }
}
