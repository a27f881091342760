package io.tenantkit.secret;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import javax.crypto.AEADBadTagException;

/**
 * A 256-bit key that seals one record and opens it again, bound to its layer, its id and the
 * caller's associated data.
 *
 * <p><b>Record, format version 1.</b> All of it is stored; nothing in it is secret.
 *
 * <pre>
 *  offset  bytes  what
 *       0      1  format version, 0x01
 *       1      1  layer: 0x01 master, 0x02 organization, 0x03 data ({@link KeyLayer})
 *       2     16  id of the key
 *      18     12  nonce, random
 *      30     32  commitment to the key
 *      62      n  ciphertext, as long as the plaintext: 0 to 1,048,576
 *    62+n     16  tag
 * </pre>
 *
 * <p><b>Keys.</b> HKDF-SHA-256 (RFC 5869) with one label for each purpose, where {@code <layer>} is
 * {@code master}, {@code organization} or {@code data}, and labels are ASCII:
 *
 * <pre>
 *   prk            = HKDF-Extract(salt = key id, input key = the 32 key bytes)
 *   encryption key = HKDF-Expand(prk, "tenantkit/v1/&lt;layer&gt;/encrypt", 32)
 *   commitment     = HKDF-Expand(prk, "tenantkit/v1/&lt;layer&gt;/commit", 32)
 * </pre>
 *
 * <p><b>Encryption.</b> AES-256-GCM (NIST SP 800-38D), 96-bit random nonce, 128-bit tag, over the
 * plaintext, with as GCM's additional data:
 *
 * <pre>
 *   length of the caller's associated data (4 bytes, big-endian) | the caller's associated data
 *   | format version (1) | layer (1) | key id (16) | commitment (32)
 * </pre>
 *
 * <p><b>Why the commitment.</b> GCM alone lets a forger who knows two keys make one ciphertext that
 * opens under both, to different texts. Here a record names its key by a string that two keys
 * cannot share, compared in constant time before anything is decrypted.
 *
 * <p><b>Bounds.</b> Plaintext of 0 to {@value #MAX_PLAINTEXT_BYTES} bytes, associated data of 0 to
 * {@value #MAX_ASSOCIATED_DATA_BYTES}. With random nonces one key may seal 2<sup>32</sup> records
 * (SP 800-38D §8.3); counting them, and changing the key in time, is the caller's part.
 *
 * <p>Safe for use by several threads; nothing blocks but the random source. {@link #close()} wipes
 * the key, and later use throws {@link IllegalStateException}: a call that runs meanwhile ends with
 * the whole key or with that exception.
 */
public final class SealingKey implements AutoCloseable {
  /** Length of a key, in bytes. */
  public static final int KEY_BYTES = AesGcm.KEY_BYTES;

  /** Length of a key's id, in bytes. */
  public static final int ID_BYTES = 16;

  /** The longest plaintext of one record, in bytes: 1 MiB. */
  public static final int MAX_PLAINTEXT_BYTES = 1_048_576;

  /** The longest associated data, in bytes. */
  public static final int MAX_ASSOCIATED_DATA_BYTES = 65_536;

  /** What a record is longer than its plaintext, in bytes. */
  public static final int OVERHEAD_BYTES = 78;

  private static final byte FORMAT_VERSION = 1;
  private static final int ID_OFFSET = 2;
  private static final int NONCE_OFFSET = ID_OFFSET + ID_BYTES;
  private static final int COMMITMENT_OFFSET = NONCE_OFFSET + AesGcm.NONCE_BYTES;
  private static final int COMMITMENT_BYTES = Hkdf.HASH_BYTES;
  private static final int CIPHERTEXT_OFFSET = COMMITMENT_OFFSET + COMMITMENT_BYTES;

  private final transient KeyLayer layer;
  private final transient byte[] id;
  private final transient RawKey encryptionKey;
  private final transient byte[] commitment;
  private final transient AesGcm aesGcm;
  private final transient int place;

  /** Takes over {@code id}; only reads {@code key}. */
  SealingKey(KeyLayer layer, byte[] id, byte[] key, AesGcm aesGcm, Hkdf hkdf) {
    this.layer = layer;
    this.id = id;
    this.aesGcm = aesGcm;
    this.place = layer == KeyLayer.DATA ? AesGcm.ANY_PLACE : aesGcm.newPlace();
    DerivationLabels labels = DerivationLabels.of(layer);
    byte[][] derived = hkdf.deriveTwo(id, key, labels.encrypt(), labels.commit());
    this.encryptionKey = new RawKey("AES", derived[0]);
    this.commitment = derived[1];
    Arrays.fill(derived[0], (byte) 0);
  }

  /** A copy of the key's id, which is not secret. */
  public byte[] id() {
    return id.clone();
  }

  /** What this key seals. */
  public KeyLayer layer() {
    return layer;
  }

  /**
   * Seals a plaintext into one record.
   *
   * @param associatedData what the record belongs to: not stored, and needed again to open
   * @param random source of the nonce
   * @throws InvalidInputException if the plaintext or the associated data is too long
   * @throws IllegalStateException after {@link #close()}
   */
  public byte[] seal(byte[] plaintext, byte[] associatedData, SecureRandom random) {
    Objects.requireNonNull(random, "random");
    if (plaintext.length > MAX_PLAINTEXT_BYTES) {
      throw new InvalidInputException("plaintext", "at most " + MAX_PLAINTEXT_BYTES + " bytes");
    }
    if (associatedData.length > MAX_ASSOCIATED_DATA_BYTES) {
      throw new InvalidInputException(
          "associated data", "at most " + MAX_ASSOCIATED_DATA_BYTES + " bytes");
    }
    byte[] nonce = new byte[AesGcm.NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] record =
        ByteBuffer.allocate(OVERHEAD_BYTES + plaintext.length)
            .put(FORMAT_VERSION)
            .put(layer.code())
            .put(id)
            .put(nonce)
            .put(commitment)
            .array();
    aesGcm.encrypt(
        encryptionKey,
        place,
        nonce,
        boundData(associatedData),
        plaintext,
        record,
        CIPHERTEXT_OFFSET);
    return record;
  }

  /**
   * Opens a record that this key sealed with the same associated data. The result is the caller's
   * to wipe.
   *
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} and one constant message
   *     for every reason: a bit flipped, bytes cut or added, another key, layer, format version or
   *     associated data
   * @throws IllegalStateException after {@link #close()}
   */
  public byte[] open(byte[] record, byte[] associatedData) {
    if (encryptionKey.isDestroyed()) {
      throw new IllegalStateException("the key was closed");
    }
    if (!isRecord(record)
        || record[1] != layer.code()
        || associatedData.length > MAX_ASSOCIATED_DATA_BYTES
        || !isAt(ID_OFFSET, id, record)
        || !isAt(COMMITMENT_OFFSET, commitment, record)) {
      throw rejected();
    }
    byte[] nonce = Arrays.copyOfRange(record, NONCE_OFFSET, COMMITMENT_OFFSET);
    try {
      return aesGcm.decrypt(
          encryptionKey, place, nonce, boundData(associatedData), record, CIPHERTEXT_OFFSET);
    } catch (AEADBadTagException e) {
      // Without the cause: what exactly was wrong is nothing a forger should learn.
      throw rejected();
    }
  }

  /**
   * The id of the key that a record says it was sealed with, to find that key by. Nothing is
   * authenticated yet: only {@link #open} is proof.
   *
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} if this is no record
   */
  public static byte[] keyIdOf(byte[] record) {
    if (!isRecord(record)) {
      throw rejected();
    }
    return keyIdIn(record);
  }

  /** Wipes the key. Further calls do nothing. */
  @Override
  public void close() {
    encryptionKey.destroy();
    if (place != AesGcm.ANY_PLACE) {
      aesGcm.wipe(place);
    }
  }

  /** Layer and id only. */
  @Override
  public String toString() {
    return "SealingKey[" + layer + ", " + HexFormat.of().formatHex(id) + ", redacted]";
  }

  /**
   * The one answer to every record that does not open, also where it fails before there is a key to
   * try: {@link ErrorCode#CIPHERTEXT_REJECTED} in constant words.
   */
  public static TenantkitException rejected() {
    return new TenantkitException(
        ErrorCode.CIPHERTEXT_REJECTED,
        "the sealed record does not open: damaged, moved, or made with another key");
  }

  private byte[] boundData(byte[] associatedData) {
    int length = associatedData.length;
    byte[] bound = new byte[4 + length + 2 + ID_BYTES + COMMITMENT_BYTES];
    bound[0] = (byte) (length >>> 24);
    bound[1] = (byte) (length >>> 16);
    bound[2] = (byte) (length >>> 8);
    bound[3] = (byte) length;
    System.arraycopy(associatedData, 0, bound, 4, length);
    bound[4 + length] = FORMAT_VERSION;
    bound[5 + length] = layer.code();
    System.arraycopy(id, 0, bound, 6 + length, ID_BYTES);
    System.arraycopy(commitment, 0, bound, 6 + length + ID_BYTES, COMMITMENT_BYTES);
    return bound;
  }

  private static boolean isRecord(byte[] record) {
    return record.length >= OVERHEAD_BYTES
        && record.length <= OVERHEAD_BYTES + MAX_PLAINTEXT_BYTES
        && record[0] == FORMAT_VERSION;
  }

  private static byte[] keyIdIn(byte[] record) {
    return Arrays.copyOfRange(record, ID_OFFSET, NONCE_OFFSET);
  }

  /** In the same time wherever they differ. */
  private static boolean isAt(int offset, byte[] part, byte[] record) {
    int difference = 0;
    for (int i = 0; i < part.length; i++) {
      difference |= part[i] ^ record[offset + i];
    }
    return difference == 0;
  }
}
