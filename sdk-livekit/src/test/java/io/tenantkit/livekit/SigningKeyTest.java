package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class SigningKeyTest {

  /** RFC 4231 §4.2, §4.3 and §4.7: a key of 20 bytes, one of 4, and one longer than a block. */
  @Test
  void signs_as_the_standards_examples_do() {
    byte[] twenty = new byte[20];
    Arrays.fill(twenty, (byte) 0x0b);
    byte[] longer = new byte[131];
    Arrays.fill(longer, (byte) 0xaa);

    assertThat(sign(twenty, "Hi There"))
        .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assertThat(sign(Tokens.utf8("Jefe"), "what do ya want for nothing?"))
        .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assertThat(sign(longer, "Test Using Larger Than Block-Size Key - Hash Key First"))
        .isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  }

  @Test
  void signs_the_same_twice_and_only_the_part_that_it_is_told() {
    try (SigningKey key = SigningKey.takeOver(Tokens.utf8("secret"))) {
      byte[] whole = Tokens.utf8("abc");
      assertThat(key.sign(Tokens.utf8("abcdef"), 3)).isEqualTo(key.sign(whole, 3));
      assertThat(key.sign(whole, 3)).isEqualTo(key.sign(whole, 3));
    }
  }

  @Test
  void the_array_that_is_handed_over_is_wiped_at_once() {
    byte[] secret = Tokens.utf8("secret");
    try (SigningKey key = SigningKey.takeOver(secret)) {
      assertThat(secret).containsOnly(0);
      assertThat(key.sign(new byte[0], 0)).isEqualTo(key.sign(new byte[0], 0));
    }
  }

  @Test
  void a_closed_key_signs_nothing() {
    SigningKey key = SigningKey.takeOver(Tokens.utf8("secret"));
    key.sign(new byte[0], 0);
    key.close();
    assertThatThrownBy(() -> key.sign(new byte[0], 0))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STALE_VERSION));
  }

  @Test
  void two_keys_at_once_do_not_meet() {
    byte[] input = Tokens.utf8("what do ya want for nothing?");
    try (SigningKey jefe = SigningKey.takeOver(Tokens.utf8("Jefe"));
        SigningKey other = SigningKey.takeOver(Tokens.utf8("other"))) {
      byte[] before = jefe.sign(input, input.length);
      assertThat(other.sign(input, input.length)).isNotEqualTo(before);
      assertThat(jefe.sign(input, input.length)).isEqualTo(before);
    }
  }

  private static String sign(byte[] secret, String text) {
    try (SigningKey key = SigningKey.takeOver(secret)) {
      byte[] input = Tokens.utf8(text);
      return HexFormat.of().formatHex(key.sign(input, input.length));
    }
  }
}
