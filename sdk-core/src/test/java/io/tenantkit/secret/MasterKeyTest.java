package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MasterKeyTest {
  private static final String RAW = "Xq7!canary-ABCDEFGHIJKLMNOPQRSTU";
  private static final byte[] BYTES = RAW.getBytes(StandardCharsets.US_ASCII);
  private static final String HEX = HexFormat.of().formatHex(BYTES);
  private static final String BASE64 = Base64.getEncoder().encodeToString(BYTES);

  @Test
  void oneKeyInThreeForms() {
    MasterKey key = MasterKey.of(BYTES);
    assertThat(MasterKey.parse("raw:" + RAW)).isEqualTo(key);
    assertThat(MasterKey.parse("base64:" + BASE64)).isEqualTo(key);
    assertThat(MasterKey.parse("hex:" + HEX)).isEqualTo(key).hasSameHashCodeAs(key);
    assertThat(MasterKey.parse("hex:" + HEX.toUpperCase(Locale.ROOT))).isEqualTo(key);
    assertThat(MasterKey.of(new FixedBytes(9).bytes())).isNotEqualTo(key);
  }

  @Test
  void bothAlphabetsOfBase64AreTheSameKey() {
    String standard = "WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJT+/U=";
    String forUrls = standard.replace('+', '-').replace('/', '_');
    assertThat(MasterKey.parse("base64:" + forUrls))
        .isEqualTo(MasterKey.parse("base64:" + standard))
        .isEqualTo(MasterKey.of(Base64.getDecoder().decode(standard)));
  }

  /** Computed once by hand in python from the documentation; kept for ever. */
  @Test
  void checkValueAndIdAreFinal() {
    MasterKey key = MasterKey.parse("hex:" + "000102030405060708090a0b0c0d0e0f".repeat(2));
    assertThat(key.checkValue())
        .isEqualTo("4a007faccdb0bef56a44d6c9774cc596ba9c1b761a7fe2dcbbe7359806b02551");
    assertThat(key.id()).isEqualTo("mk-" + key.checkValue().substring(0, 16));
    assertThat(key).hasToString("MasterKey[" + key.id() + ", redacted]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        RAW,
        "RAW:" + RAW,
        " raw:" + RAW,
        "raw: " + RAW,
        "raw:" + RAW + "\n",
        "raw:" + RAW + "x",
        "raw:Xq7!canary",
        "raw:Xq7!canary ABCDEFGHIJKLMNOPQRSTU",
        "raw:Xq7!canary-ABCDEFGHIJKLMNOPQRSTä",
        "raw:",
        "raw:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "base64:",
        "base64:WHE3IWNhbmFyeQ==",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJTVFU",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJTVFU=\n",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xN\nTk9QUVJTVFU=",
        "base64: WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJTVFU=",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJTVFV=",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJT+_U=",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJT-_V=",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJT-_U",
        "base64:WHE3IWNhbmFyeS1BQkNERUZHSElKS0xNTk9QUVJTVFVW",
        "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "hex:",
        "hex:58713721",
        "hex:0000000000000000000000000000000000000000000000000000000000000000",
        "hex:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "hex:5871372163616e6172792d4142434445464748494a4b4c4d4e4f50515253545g",
        "hex:0x5871372163616e6172792d4142434445464748494a4b4c4d4e4f505152535455",
        "hex:5871372163616e6172792d4142434445464748494a4b4c4d4e4f505152535455\n",
        "hex:5871372163616e6172792d4142434445464748494a4b4c4d4e4f50515253545",
        "passphrase:Xq7!canary"
      })
  void everyOtherTextIsRefusedWithoutBeingQuoted(String text) {
    Throwable thrown = catchThrowable(() -> MasterKey.parse(text));
    assertThat(thrown)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_INVALID))
        .hasMessageStartingWith("master key: ")
        .hasMessageContaining("32")
        .hasNoCause();
    assertThat(thrown.getMessage())
        .doesNotContain("Xq7", "canary", "WHE3", "5871", "aaaa", "AAAA", "0000", "ffff", "54g");
  }

  @Test
  void bytesAreCheckedAndCopied() {
    assertThatThrownBy(() -> MasterKey.of(new byte[31]))
        .hasMessage("master key: exactly 32 bytes, not 31");
    assertThatThrownBy(() -> MasterKey.of(new byte[33]))
        .hasMessage("master key: exactly 32 bytes, not 33");
    byte[] mine = BYTES.clone();
    MasterKey key = MasterKey.of(mine);
    Arrays.fill(mine, (byte) 0);
    MasterKeys keys = MasterKeys.of(key);
    byte[] record = keys.wrap(new byte[] {1}, new byte[0], new FixedRandom(1));
    assertThat(MasterKeys.of(MasterKey.of(BYTES)).unwrap(record, new byte[0])).containsExactly(1);
  }

  /** What is stored in the open must tell nothing of what is kept. */
  @Test
  void checkValuesDifferByKeyAndFromEverythingElseDerived() throws Exception {
    Map<String, String> seen = new HashMap<>();
    Hkdf hkdf = new Hkdf();
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new FixedBytes(i).bytes();
      MasterKey key = MasterKey.of(bytes);
      String name = "key " + i;
      assertThat(seen.put(key.checkValue(), name + " check")).isNull();
      byte[] recordId = Arrays.copyOf(HexFormat.of().parseHex(key.checkValue()), 16);
      byte[] record = MasterKeys.of(key).wrap(new byte[0], new byte[0], new FixedRandom(i));
      assertThat(SealingKey.keyIdOf(record)).isEqualTo(recordId);
      byte[] prk = hkdf.extract(recordId, bytes);
      byte[] plainPrk = hkdf.extract(new byte[0], bytes);
      byte[] encrypt = "tenantkit/v1/master/encrypt".getBytes(StandardCharsets.US_ASCII);
      byte[] commit = "tenantkit/v1/master/commit".getBytes(StandardCharsets.US_ASCII);
      assertThat(seen.put(hex(Arrays.copyOfRange(record, 30, 62)), name + " in record")).isNull();
      assertThat(hex(hkdf.expand(prk, commit, 32)))
          .isEqualTo(hex(Arrays.copyOfRange(record, 30, 62)));
      for (byte[] derived :
          new byte[][] {
            bytes,
            prk,
            plainPrk,
            hkdf.expand(prk, encrypt, 32),
            hkdf.expand(plainPrk, encrypt, 32),
            hkdf.expand(plainPrk, commit, 32),
            MessageDigest.getInstance("SHA-256").digest(bytes)
          }) {
        assertThat(seen.put(hex(derived), name)).as(name).isNull();
      }
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private record FixedBytes(int seed) {
    byte[] bytes() {
      byte[] bytes = new byte[32];
      new FixedRandom(seed).nextBytes(bytes);
      return bytes;
    }
  }
}
