package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tck.Samples;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyHashTest {
  private static final String SHA_256_OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void hexIsThatOfTheDigest() {
    assertThat(Samples.hash("abc").hex()).isEqualTo(SHA_256_OF_ABC);
    assertThat(KeyHash.parse(SHA_256_OF_ABC)).isEqualTo(Samples.hash("abc"));
  }

  @Test
  void everyByteCounts() {
    byte[] digest = HexFormat.of().parseHex(SHA_256_OF_ABC);
    KeyHash hash = KeyHash.of(digest);
    for (int i = 0; i < digest.length; i++) {
      digest[i] ^= 1;
      assertThat(KeyHash.of(digest)).isNotEqualTo(hash);
      assertThat(KeyHash.parse(KeyHash.of(digest).hex())).isEqualTo(KeyHash.of(digest));
      digest[i] ^= 1;
    }
  }

  @Test
  void otherLengthsAreRefused() {
    assertThatThrownBy(() -> KeyHash.of(new byte[31])).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> KeyHash.of(new byte[33])).isInstanceOf(InvalidInputException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ba78", "zz", "%%%%"})
  void textThatIsNoHashIsRefusedWithoutQuotingIt(String text) {
    assertThatThrownBy(() -> KeyHash.parse(text + "z".repeat(Math.max(0, 64 - text.length()))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("keyHash: ");
    assertThatThrownBy(() -> KeyHash.parse(text)).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void textForPeopleIsTooShortToLookUp() {
    assertThat(Samples.hash("abc").toString()).isEqualTo("KeyHash[ba7816bf\u2026]");
  }
}
