package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PageRequest;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is out of its bound is refused by name, without its text, and nothing is written. */
class VaultBadInputTest {
  private static final String NAME_BOUND =
      "1 to 128 characters of A-Z, a-z, 0-9, '.', '_' and '-', beginning with a letter or digit";
  private static final String REASON_BOUND = "1 to 255 characters without control characters";
  private static final String DETAILS_BOUND =
      "names of 1 to 128 and values of at most 1,024 characters, without control characters";

  record Bad(String what, String property, String bound, String given, Consumer<VaultHouse> call) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Bad> bad() {
    List<Bad> all = new ArrayList<>();
    Map<String, String> names = new java.util.LinkedHashMap<>();
    names.put("empty", "");
    names.put("blank", " ");
    names.put("129 characters", "n".repeat(129));
    names.put("300,000 characters", "n".repeat(300_000));
    names.put("slash", "canary/name");
    names.put("backslash", "canary\\name");
    names.put("NUL", "canary\0name");
    names.put("CR LF", "canary\r\nname");
    names.put("emoji", "canary\uD83D\uDD10");
    names.put("half a surrogate", "canary\uD83D");
    names.put("umlaut", "canäry");
    names.put("dotless i", "canıry");
    names.put("Arabic digit", "canary\u0661");
    names.put("full width", "ｃanary");
    names.put("parent folder", "../canary");
    names.put("dot first", ".canary");
    names.put("hyphen first", "-canary");
    names.put("underscore first", "_canary");
    names.put("star", "*");
    names.put("per cent", "canary%");
    names.put("quote", "canary'--");
    names.put("trailing blank", "canary ");
    names.forEach(
        (what, name) -> {
          all.add(
              new Bad(
                  "project: " + what,
                  "project",
                  NAME_BOUND,
                  name,
                  house ->
                      house.vault.put(
                          house.acme,
                          SecretRef.of(name, Environment.PRODUCTION, "n"),
                          value("v"))));
          all.add(
              new Bad(
                  "name: " + what,
                  "name",
                  NAME_BOUND,
                  name,
                  house -> house.vault.put(house.acme, ref(name), value("v"))));
          all.add(
              new Bad(
                  "type: " + what,
                  "type",
                  NAME_BOUND,
                  name,
                  house ->
                      house.vault.put(
                          house.acme, ref("n"), NewSecret.of(name, Map.of("f", value("v"))))));
          all.add(
              new Bad(
                  "field: " + what,
                  "field",
                  NAME_BOUND,
                  name,
                  house ->
                      house.vault.put(
                          house.acme,
                          ref("n"),
                          NewSecret.of("t", Map.of("good", value("v"), name, value("v"))))));
        });
    all.add(
        new Bad(
            "no fields",
            "fields",
            "1 to 32",
            "canary",
            house -> house.vault.put(house.acme, ref("n"), NewSecret.of("t", Map.of()))));
    all.add(
        new Bad(
            "33 fields",
            "fields",
            "1 to 32",
            "canary",
            house -> house.vault.put(house.acme, ref("n"), NewSecret.of("t", fields(33)))));
    all.add(
        new Bad(
            "expected version below zero",
            "expectedVersion",
            "0 or more",
            "-1",
            house -> house.vault.put(house.acme, REF, NewSecret.of(value("v")).onlyAfter(-1))));
    all.add(
        new Bad(
            "1 MiB + 1 byte",
            "secret",
            "at most 1048576 bytes",
            "canary",
            house ->
                house.vault.put(
                    house.acme,
                    ref("n"),
                    SecretValue.copyOf(new byte[SecretValue.MAX_BYTES + 1]))));
    all.add(
        new Bad(
            "1 MiB + 1 as text",
            "secret",
            "at most 1048576 bytes",
            "canary",
            house ->
                house.vault.put(
                    house.acme, ref("n"), value("ä".repeat(SecretValue.MAX_BYTES / 2) + "x"))));
    all.add(
        new Bad(
            "half a surrogate as a value",
            "secret",
            "well-formed Unicode text",
            "canary",
            house -> house.vault.put(house.acme, ref("n"), value("canary\uD83D"))));
    Map<String, String> reasons = new java.util.LinkedHashMap<>();
    reasons.put("empty", "");
    reasons.put("blank", " \u2003 ");
    reasons.put("256 characters", "r".repeat(256));
    reasons.put("line feed", "canary\nforged line");
    reasons.put("NUL", "canary\0");
    reasons.put("escape", "canary\u001b[2J");
    reasons.put("C1 control", "canary\u0085");
    reasons.forEach(
        (what, reason) ->
            all.add(
                new Bad(
                    "reason: " + what,
                    "purpose",
                    REASON_BOUND,
                    reason,
                    house -> house.vault.use(house.acme, REF, reason, secret -> 1))));
    for (String action :
        List.of("", "Canary.used", "canary used", "canary\n", "canaryİ", "x".repeat(129))) {
      all.add(
          new Bad(
              "action: " + action.length() + " characters " + action.hashCode(),
              "action",
              "1 to 128 characters of a-z, 0-9, '.', '_' and '-'",
              action,
              house -> use(house, new Purpose(action, "reason", Map.of()))));
    }
    for (Map<String, String> details :
        List.of(
            Map.of("", "canary"),
            Map.of("n".repeat(129), "canary"),
            Map.of("canary\n", "v"),
            Map.of("name", "canary\r\n"),
            Map.of("name", "canary".repeat(200)))) {
      all.add(
          new Bad(
              "details: " + details.hashCode(),
              "details",
              DETAILS_BOUND,
              "canary",
              house -> use(house, new Purpose("secret.used", "reason", details))));
    }
    all.add(
        new Bad(
            "25 details",
            "details",
            "at most 24",
            "canary",
            house -> use(house, new Purpose("secret.used", "reason", details(25)))));
    for (int limit : new int[] {0, -1, 1_001, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      all.add(
          new Bad(
              "limit " + limit,
              "limit",
              "1 to 1000",
              Integer.toString(limit),
              house -> house.vault.list(house.acme, PageRequest.first(limit))));
    }
    for (String cursor : List.of("not base64 canary!", "c".repeat(1_025))) {
      all.add(
          new Bad(
              "cursor of " + cursor.length(),
              "cursor",
              "a cursor that a page gave",
              cursor,
              house -> house.vault.list(house.acme, new PageRequest(10, Optional.of(cursor)))));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void isRefusedByNameAndNothingIsWritten(Bad bad) {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      List<Object> before = house.written();

      Throwable thrown = catchThrowable(() -> bad.call().accept(house));

      assertThat(thrown)
          .isInstanceOfSatisfying(
              InvalidInputException.class,
              e -> {
                assertThat(e.property()).isEqualTo(bad.property());
                assertThat(e.bound()).isEqualTo(bad.bound());
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
                assertThat(e).hasMessage(bad.property() + ": " + bad.bound()).hasNoCause();
              });
      if (bad.given().length() > 5) {
        assertThat(thrown.toString()).doesNotContain(bad.given());
      }
      assertThat(thrown.toString()).doesNotContain("canary");
      assertThat(house.written()).isEqualTo(before);
    }
  }

  /** The bounds themselves are allowed. */
  @Test
  void whatIsJustWithinItsBoundIsTaken() {
    try (VaultHouse house = new VaultHouse()) {
      String longest = "N".repeat(128);
      SecretRef ref = SecretRef.of(longest, Environment.PRODUCTION, longest);
      Map<String, SecretValue> fields = new HashMap<>(fields(31));
      fields.put(longest, value("v"));
      house.vault.put(house.acme, ref, NewSecret.of(longest, fields).onlyNew());
      house.vault.useFields(
          house.acme,
          ref,
          new Purpose("a".repeat(128), "r".repeat(255), details(24)),
          got -> {
            assertThat(got.names()).hasSize(32).contains(longest);
            return 1;
          });
      assertThat(house.last(house.acme).details()).hasSize(29);
      house.vault.put(house.acme, SecretRef.of("0", Environment.STAGING, "9._-"), value("v"));
      assertThat(house.listed(house.acme)).hasSize(2);
    }
  }

  @Test
  void nullIsRefusedAndNothingIsWritten() {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      List<Object> before = house.written();
      Map<String, SecretValue> nothing = new HashMap<>();
      nothing.put("value", null);
      assertThatThrownBy(() -> house.vault.put(house.globex, ref("n"), NewSecret.of("t", nothing)))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> house.vault.put(house.globex, ref("n"), (SecretValue) null))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> house.vault.put(house.globex, null, value("v")))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> house.vault.put(null, REF, value("v")))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> SecretRef.of("app", null, "n"))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> NewSecret.of("t", fields(1)).to(null))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> house.vault.use(house.acme, REF, null, secret -> 1))
          .isInstanceOf(NullPointerException.class);
      assertThat(house.written()).isEqualTo(before);
    }
  }

  /** A value that the caller closed too early; not even the organization's key is made for it. */
  @Test
  void aClosedValueIsRefusedAndNothingIsWritten() {
    try (VaultHouse house = new VaultHouse()) {
      house.vault.put(house.acme, REF, value("s3cret"));
      SecretValue closed = value("canary");
      closed.close();
      List<Object> before = house.written();
      for (var context : List.of(house.acme, house.globex)) {
        assertThatThrownBy(() -> house.vault.put(context, REF, closed))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("the secret was closed");
        assertThatThrownBy(
                () ->
                    house.vault.put(
                        context,
                        ref("pair"),
                        NewSecret.of("t", Map.of("a", value("open"), "b", closed))))
            .isInstanceOf(IllegalStateException.class);
      }
      assertThat(house.written()).isEqualTo(before);
    }
  }

  private static void use(VaultHouse house, Purpose purpose) {
    house.vault.useFields(house.acme, REF, purpose, fields -> 1);
  }

  private static Map<String, SecretValue> fields(int count) {
    Map<String, SecretValue> fields = new HashMap<>();
    for (int i = 0; i < count; i++) {
      fields.put("f" + i, value("v"));
    }
    return fields;
  }

  private static Map<String, String> details(int count) {
    Map<String, String> details = new HashMap<>();
    for (int i = 0; i < count; i++) {
      details.put("d" + i, "v".repeat(1_024));
    }
    return details;
  }
}
