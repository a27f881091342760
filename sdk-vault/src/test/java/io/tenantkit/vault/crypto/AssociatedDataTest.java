package io.tenantkit.vault.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssociatedDataTest {
  private static final SecretVersionId ID = new SecretVersionId("acme", "p", "prod", "s-1", 258);

  /** Written out by hand from the documentation. */
  @Test
  void bytesAreAsDocumented() {
    AssociatedData associated = AssociatedData.of(ID).withBinding(new byte[] {7, 8});
    String ids =
        "0000000461636d65" // acme
            + "0000000170" // p
            + "0000000470726f64" // prod
            + "00000003732d31" // s-1
            + "000000080000000000000102" // version
            + "000000020708"; // binding
    assertThat(hex(associated.forDataKey(Set.of("b", "a"))))
        .isEqualTo(
            "00000018"
                + ascii("tenantkit/v1/ad/data-key")
                + ids
                + "0000000a" // the names, sorted
                + "0000000161"
                + "0000000162");
    assertThat(hex(associated.forField("key")))
        .isEqualTo("00000015" + ascii("tenantkit/v1/ad/field") + ids + "000000036b6579");
    assertThat(hex(AssociatedData.ofOrganizationKey("acme", 3, new byte[16])))
        .isEqualTo(
            "00000020"
                + ascii("tenantkit/v1/ad/organization-key")
                + "0000000461636d65"
                + "000000080000000000000003"
                + "00000010"
                + "00".repeat(16));
    assertThat(hex(AssociatedData.of(ID).forDataKey(Set.of("a"))))
        .endsWith("00000000" + "00000005" + "0000000161");
  }

  /** Every way to cut the same letters into ids, with every layer, gives bytes of its own. */
  @Test
  void isInjective() {
    Set<String> seen = new HashSet<>();
    int made = 0;
    String letters = "aaaaaaaaaa";
    for (int a = 1; a < 8; a++) {
      for (int b = a + 1; b < 9; b++) {
        for (int c = b + 1; c < 10; c++) {
          SecretVersionId id =
              new SecretVersionId(
                  letters.substring(0, a),
                  letters.substring(a, b),
                  letters.substring(b, c),
                  letters.substring(c),
                  1);
          for (String binding : new String[] {"", "a", "aa"}) {
            AssociatedData associated = AssociatedData.of(id).withBinding(binding.getBytes(UTF_8));
            seen.add(hex(associated.forDataKey(Set.of("a"))));
            seen.add(hex(associated.forField("a")));
            seen.add(hex(associated.forField("aa")));
            made += 3;
          }
        }
      }
    }
    assertThat(made).isGreaterThan(500);
    assertThat(seen).hasSize(made);
  }

  @Test
  void idsOutOfBoundsAreRefusedByName() {
    String longest = "x".repeat(256);
    assertThat(new SecretVersionId(longest, "p", "e", "s", Long.MAX_VALUE)).isNotNull();
    for (String fits : new String[] {"ä".repeat(128), "秘".repeat(85), "🔑".repeat(64)}) {
      assertThat(new SecretVersionId(fits, fits, fits, fits, 1).secret()).isEqualTo(fits);
    }
    for (String bad :
        new String[] {
          "", longest + "x", "ä".repeat(129), "秘".repeat(86), "🔑".repeat(65), "\ud83d", "a\ude00b"
        }) {
      assertRefused("organization", () -> new SecretVersionId(bad, "p", "e", "s", 1));
      assertRefused("project", () -> new SecretVersionId("o", bad, "e", "s", 1));
      assertRefused("environment", () -> new SecretVersionId("o", "p", bad, "s", 1));
      assertRefused("secret", () -> new SecretVersionId("o", "p", "e", bad, 1));
      assertRefused("field", () -> AssociatedData.of(ID).forField(bad));
      assertRefused("organization", () -> AssociatedData.ofOrganizationKey(bad, 1, new byte[16]));
    }
    assertRefused("binding", () -> AssociatedData.of(ID).withBinding(new byte[16_385]));
    assertRefused("key id", () -> AssociatedData.ofOrganizationKey("o", 1, new byte[15]));
  }

  /** The most that can be asked for still fits what a record accepts. */
  @Test
  void theLongestFitsTheRecord() {
    String longest = "x".repeat(256);
    AssociatedData associated =
        AssociatedData.of(new SecretVersionId(longest, longest, longest, longest, Long.MAX_VALUE))
            .withBinding(new byte[AssociatedData.MAX_BINDING_BYTES]);
    assertThat(associated.forField(longest).length)
        .isLessThan(io.tenantkit.secret.SealingKey.MAX_ASSOCIATED_DATA_BYTES);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void numbersBeginAtOne(long number) {
    assertRefused("version", () -> new SecretVersionId("o", "p", "e", "s", number));
    assertRefused("key number", () -> AssociatedData.ofOrganizationKey("o", number, new byte[16]));
  }

  @Test
  void isAValue() {
    byte[] binding = {1};
    AssociatedData bound = AssociatedData.of(ID).withBinding(binding);
    byte[] before = bound.forDataKey(Set.of("a"));
    binding[0] = 2;
    assertThat(bound.forDataKey(Set.of("a"))).isEqualTo(before);
    assertThat(bound)
        .isEqualTo(AssociatedData.of(ID).withBinding(new byte[] {1}))
        .hasSameHashCodeAs(AssociatedData.of(ID).withBinding(new byte[] {1}))
        .isNotEqualTo(AssociatedData.of(ID));
    List<byte[]> all =
        new ArrayList<>(List.of(before, AssociatedData.of(ID).forDataKey(Set.of("a"))));
    assertThat(Arrays.equals(all.get(0), all.get(1))).isFalse();
  }

  private static void assertRefused(
      String property, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidInputException.class, e -> assertThat(e.property()).isEqualTo(property));
  }

  private static String ascii(String text) {
    return hex(text.getBytes(UTF_8));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
