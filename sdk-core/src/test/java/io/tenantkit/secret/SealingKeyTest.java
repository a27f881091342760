package io.tenantkit.secret;

import static io.tenantkit.secret.Rejections.assertRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealingKeyTest {
  private static final int COMMITMENT_AT = 30;
  private static final int CIPHERTEXT_AT = 62;

  private final SealingKeys keys = SealingKeys.create();
  private final SecureRandom random = new SecureRandom();
  private final SealingKey key = key(KeyLayer.DATA, 1, 1);
  private final byte[] aad = ascii("what it belongs to");
  private final byte[] plain = ascii("sk-CANARY-7f3a");

  @Test
  void recordHasTheDocumentedShape() {
    byte[] record = key.seal(plain, aad, random);
    assertThat(record).hasSize(SealingKey.OVERHEAD_BYTES + plain.length).hasSize(92);
    assertThat(record[0]).isEqualTo((byte) 1);
    assertThat(record[1]).isEqualTo((byte) 3);
    assertThat(Arrays.copyOfRange(record, 2, 18)).isEqualTo(key.id());
    assertThat(SealingKey.keyIdOf(record)).isEqualTo(key.id());
    assertThat(key.open(record, aad)).isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 8191, 8192, 8193, 65_536, 1_048_575, 1_048_576})
  void sealsAndOpensEveryLength(int length) {
    byte[] message = new byte[length];
    new FixedRandom(length).nextBytes(message);
    byte[] record = key.seal(message, aad, random);
    assertThat(record).hasSize(78 + length);
    assertThat(key.open(record, aad)).isEqualTo(message);
  }

  @Test
  void longerThanOneMebibyteIsRefused() {
    byte[] tooLong = new byte[1_048_577];
    assertThatThrownBy(() -> key.seal(tooLong, aad, random))
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e -> {
              assertThat(e.property()).isEqualTo("plaintext");
              assertThat(e.bound()).isEqualTo("at most 1048576 bytes");
            });
    assertThatThrownBy(() -> key.seal(plain, new byte[65_537], random))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("associated data: at most 65536 bytes");
    assertThat(key.open(key.seal(plain, new byte[65_536], random), new byte[65_536]))
        .isEqualTo(plain);
    assertRejected("record too long", () -> key.open(new byte[1_048_577 + 78], aad));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 14})
  void everyFlippedBitIsRejected(int length) {
    byte[] record = key.seal(Arrays.copyOf(plain, length), aad, random);
    for (int bit = 0; bit < record.length * 8; bit++) {
      byte[] flipped = record.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertRejected("bit " + bit, () -> key.open(flipped, aad));
    }
    assertThat(key.open(record, aad)).as("the record itself").hasSize(length);
  }

  @Test
  void everyCutAndEveryAdditionIsRejected() {
    byte[] record = key.seal(plain, aad, random);
    for (int length = 0; length < record.length; length++) {
      byte[] head = Arrays.copyOf(record, length);
      byte[] tail = Arrays.copyOfRange(record, record.length - length, record.length);
      assertRejected("first " + length, () -> key.open(head, aad));
      assertRejected("last " + length, () -> key.open(tail, aad));
    }
    for (int more : new int[] {1, 16, 78}) {
      assertRejected(
          "and " + more, () -> key.open(Arrays.copyOf(record, record.length + more), aad));
    }
  }

  @Test
  void everyOtherAssociatedDataIsRejected() {
    byte[] record = key.seal(plain, aad, random);
    for (int bit = 0; bit < aad.length * 8; bit++) {
      byte[] flipped = aad.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertRejected("bit " + bit, () -> key.open(record, flipped));
    }
    for (int length = 0; length < aad.length; length++) {
      byte[] cut = Arrays.copyOf(aad, length);
      assertRejected("first " + length, () -> key.open(record, cut));
    }
    assertRejected("one more", () -> key.open(record, Arrays.copyOf(aad, aad.length + 1)));
    assertRejected("far too long", () -> key.open(record, new byte[65_537]));
  }

  @Test
  void aRecordOfAnotherKeyIsRejectedWhateverItsHeaderSays() {
    SealingKey other = key(KeyLayer.DATA, 2, 2);
    SealingKey otherKeySameId = key(KeyLayer.DATA, 1, 2);
    SealingKey sameKeyOtherId = key(KeyLayer.DATA, 2, 1);
    byte[] ours = key.seal(plain, aad, random);

    assertRejected("another key", () -> other.open(ours, aad));
    assertRejected("another key of this id", () -> otherKeySameId.open(ours, aad));
    assertRejected("this key of another id", () -> sameKeyOtherId.open(ours, aad));

    for (SealingKey foreign : new SealingKey[] {other, otherKeySameId, sameKeyOtherId}) {
      byte[] theirs = foreign.seal(plain, aad, random);
      byte[] idOverwritten = theirs.clone();
      System.arraycopy(ours, 2, idOverwritten, 2, 16);
      assertRejected("id overwritten", () -> key.open(idOverwritten, aad));
      byte[] headerOverwritten = idOverwritten.clone();
      System.arraycopy(ours, COMMITMENT_AT, headerOverwritten, COMMITMENT_AT, 32);
      assertRejected("id and commitment overwritten", () -> key.open(headerOverwritten, aad));
      byte[] commitmentOverwritten = ours.clone();
      System.arraycopy(theirs, COMMITMENT_AT, commitmentOverwritten, COMMITMENT_AT, 32);
      assertRejected("their commitment", () -> key.open(commitmentOverwritten, aad));
    }
  }

  /**
   * A forger who knows two keys can make GCM accept one ciphertext under both. Short of that
   * arithmetic: a ciphertext with a tag that is valid under the victim's very encryption key, over
   * either commitment, must fail for the foreign commitment in its header alone.
   */
  @Test
  void aValidTagDoesNotMakeUpForAForeignCommitment() {
    byte[] own = key.seal(new byte[0], aad, random);
    byte[] foreign = key(KeyLayer.DATA, 1, 2).seal(new byte[0], aad, random);
    assertRejected("tag over theirs", () -> key.open(tagged(foreign, foreign), aad));
    assertRejected("tag over ours", () -> key.open(tagged(foreign, own), aad));
    // The same steps with the key's own commitment do open: the forgeries failed for nothing else.
    assertThat(key.open(tagged(own, own), aad)).isEmpty();
  }

  /** The header of one record with a valid tag of key 1, over the commitment of another record. */
  private byte[] tagged(byte[] header, byte[] commitment) {
    byte[] bound =
        ByteBuffer.allocate(4 + aad.length + 50)
            .putInt(aad.length)
            .put(aad)
            .put(header, 0, 18)
            .put(commitment, COMMITMENT_AT, 32)
            .array();
    byte[] forged = Arrays.copyOf(header, CIPHERTEXT_AT + 16);
    byte[] nonce = Arrays.copyOfRange(header, 18, 30);
    new AesGcm()
        .encrypt(encryptionKeyOf(1, 1), 3, nonce, bound, new byte[0], forged, CIPHERTEXT_AT);
    return forged;
  }

  /**
   * The layer byte is bound by the tag as well, not only compared: the same key bytes and id, with
   * the derivation of the data layer, over a header that names another layer.
   */
  @ParameterizedTest
  @EnumSource(KeyLayer.class)
  void aRecordOpensAtItsOwnLayerOnly(KeyLayer layer) {
    SealingKey sealing = key(layer, 1, 1);
    byte[] record = sealing.seal(plain, aad, random);
    assertThat(record[1]).isEqualTo(layer.code());
    for (KeyLayer other : KeyLayer.values()) {
      if (other != layer) {
        SealingKey opening = key(other, 1, 1);
        assertRejected("as it is", () -> opening.open(record, aad));
        byte[] relabelled = record.clone();
        relabelled[1] = other.code();
        assertRejected("relabelled", () -> opening.open(relabelled, aad));
        assertRejected("relabelled, own key", () -> sealing.open(relabelled, aad));
        System.arraycopy(
            opening.seal(plain, aad, random), COMMITMENT_AT, relabelled, COMMITMENT_AT, 32);
        assertRejected("relabelled, their commitment", () -> opening.open(relabelled, aad));
      }
    }
  }

  @Test
  void afterCloseNothingIsSealedOrOpened() {
    byte[] record = key.seal(plain, aad, random);
    key.close();
    key.close();
    assertThatThrownBy(() -> key.seal(plain, aad, random))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> key.open(record, aad)).isInstanceOf(IllegalStateException.class);
    SealingKey again = key(KeyLayer.DATA, 1, 1);
    assertThat(again.open(record, aad)).isEqualTo(plain);
  }

  @Test
  void badKeysAreRefused() {
    byte[] id = new byte[16];
    assertThatThrownBy(() -> keys.key(KeyLayer.DATA, new byte[15], bytes(1, 32)))
        .hasMessage("key id: exactly 16 bytes");
    assertThatThrownBy(() -> keys.key(KeyLayer.DATA, id, bytes(1, 31)))
        .hasMessage("key: exactly 32 bytes");
    assertThatThrownBy(() -> keys.key(KeyLayer.DATA, id, bytes(1, 33)))
        .hasMessage("key: exactly 32 bytes");
    byte[] same = new byte[32];
    assertThatThrownBy(() -> keys.key(KeyLayer.DATA, id, same))
        .isInstanceOf(InvalidInputException.class);
    Arrays.fill(same, (byte) 9);
    assertThatThrownBy(() -> keys.key(KeyLayer.DATA, id, same))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void keepsNoHoldOnTheCallersArrays() {
    byte[] id = bytes(3, 16);
    byte[] raw = bytes(3, 32);
    SealingKey made = keys.key(KeyLayer.DATA, id, raw);
    byte[] record = made.seal(plain, aad, random);
    Arrays.fill(id, (byte) 0);
    Arrays.fill(raw, (byte) 0);
    Arrays.fill(made.id(), (byte) 0);
    assertThat(made.open(record, aad)).isEqualTo(plain);
    assertThat(made.id()).isEqualTo(bytes(3, 16));
  }

  @Test
  void noncesAreDistinctAndTakenFromTheGivenSource() {
    Set<ByteBuffer> nonces = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      nonces.add(ByteBuffer.wrap(key.seal(plain, aad, random), 18, 12).slice());
    }
    assertThat(nonces).hasSize(100_000);

    byte[] expected = new byte[12];
    new FixedRandom(5).nextBytes(expected);
    byte[] record = key.seal(plain, aad, new FixedRandom(5));
    assertThat(Arrays.copyOfRange(record, 18, 30)).isEqualTo(expected);
  }

  @Test
  void toStringShowsTheIdOnly() {
    assertThat(key).hasToString("SealingKey[DATA, 00000000000000010000000000000001, redacted]");
  }

  private SealingKey key(KeyLayer layer, int id, int seed) {
    byte[] idBytes = ByteBuffer.allocate(16).putLong(id).putLong(id).array();
    return keys.key(layer, idBytes, bytes(seed, 32));
  }

  /** By hand, from the documentation. */
  private static RawKey encryptionKeyOf(int id, int seed) {
    Hkdf hkdf = new Hkdf();
    byte[] idBytes = ByteBuffer.allocate(16).putLong(id).putLong(id).array();
    byte[] prk = hkdf.extract(idBytes, bytes(seed, 32));
    return new RawKey("AES", hkdf.expand(prk, ascii("tenantkit/v1/data/encrypt"), 32));
  }

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    IntStream.range(0, length).forEach(i -> bytes[i] = (byte) (seed * 37 + i));
    return bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
