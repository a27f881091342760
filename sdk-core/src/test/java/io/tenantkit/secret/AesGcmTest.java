package io.tenantkit.secret;

import static io.tenantkit.secret.Wycheproof.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.Test;

class AesGcmTest {
  private final AesGcm aesGcm = new AesGcm();

  @Test
  void wycheproofVectorsOfOurParameters() throws Exception {
    List<JsonNode> vectors = vectors();
    int valid = 0;
    for (JsonNode vector : vectors) {
      RawKey key = new RawKey("AES", hex(vector, "key"));
      byte[] message = hex(vector, "msg");
      byte[] sealed = concat(hex(vector, "ct"), hex(vector, "tag"));
      String name = Wycheproof.name(vector);
      if (vector.get("result").asText().equals("valid")) {
        valid++;
        byte[] output = new byte[message.length + AesGcm.TAG_BYTES];
        aesGcm.encrypt(
            key, AesGcm.ANY_PLACE, hex(vector, "iv"), hex(vector, "aad"), message, output, 0);
        assertThat(output).as(name).isEqualTo(sealed);
        assertThat(
                aesGcm.decrypt(
                    key, AesGcm.ANY_PLACE, hex(vector, "iv"), hex(vector, "aad"), sealed, 0))
            .as(name)
            .isEqualTo(message);
      } else {
        assertThatThrownBy(
                () ->
                    aesGcm.decrypt(
                        key, AesGcm.ANY_PLACE, hex(vector, "iv"), hex(vector, "aad"), sealed, 0))
            .as(name)
            .isInstanceOf(AEADBadTagException.class);
      }
    }
    assertThat(vectors).hasSize(66);
    assertThat(valid).isEqualTo(39);
  }

  @Test
  void theSameNonceTwiceUnderOneKeyIsRefused() {
    RawKey key = new RawKey("AES", sequence(32));
    byte[] nonce = sequence(12);
    byte[] output = new byte[AesGcm.TAG_BYTES + 1];
    aesGcm.encrypt(key, AesGcm.ANY_PLACE, nonce, new byte[0], new byte[1], output, 0);
    assertThatThrownBy(
            () -> aesGcm.encrypt(key, AesGcm.ANY_PLACE, nonce, new byte[0], new byte[1], output, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThat(aesGcm.idleCiphers()).as("a cipher that threw is dropped").isZero();
  }

  @Test
  void aDestroyedKeyEncryptsNothing() {
    RawKey key = new RawKey("AES", sequence(32));
    key.destroy();
    byte[] output = new byte[AesGcm.TAG_BYTES];
    assertThatThrownBy(
            () ->
                aesGcm.encrypt(
                    key, AesGcm.ANY_PLACE, sequence(12), new byte[0], new byte[0], output, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThat(output).containsOnly(0);
  }

  /** Who closes a key overwrites what is at its place, which a cipher at work is not. */
  @Test
  void aCipherThatWasAtWorkWhenItsKeyWasClosedDoesNotKeepTheKey() throws Exception {
    RawKey key = new RawKey("AES", sequence(32));
    int place = aesGcm.newPlace();
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, key, nonce(sequence(12)));
    cipher.doFinal(new byte[1]);

    key.destroy();
    aesGcm.wipe(place);
    aesGcm.giveBack(cipher, key, place);

    assertThat(aesGcm.idleCiphers()).isOne();
    Cipher zeros = Cipher.getInstance("AES/GCM/NoPadding");
    zeros.init(Cipher.ENCRYPT_MODE, new RawKey("AES", new byte[32]), nonce(new byte[12]));
    byte[] sealed = zeros.doFinal(sequence(5));
    assertThat(cipher.doFinal(sealed)).as("it is in another key").isEqualTo(sequence(5));
  }

  private static GCMParameterSpec nonce(byte[] nonce) {
    return new GCMParameterSpec(AesGcm.TAG_BYTES * 8, nonce);
  }

  private static List<JsonNode> vectors() throws IOException {
    return Wycheproof.vectors(
        "aes_gcm_test.json",
        group ->
            group.get("keySize").asInt() == 256
                && group.get("ivSize").asInt() == 96
                && group.get("tagSize").asInt() == 128);
  }

  private static byte[] sequence(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
