package io.tenantkit.secret;

import io.tenantkit.InvalidInputException;
import java.util.Objects;

/**
 * Makes {@link SealingKey}s that share two bounded pools of ciphers.
 *
 * <p>Keys may be short-lived, one for each secret that is read; this object is what should live
 * long, one for each component that seals. It keeps no key. After a use a pooled JDK cipher still
 * holds the schedule of the last key that went through it, which no API can clear, until the cipher
 * serves its next key; closing a key above the data keys makes the cipher at its place do so. Safe
 * for use by several threads; nothing blocks.
 */
public final class SealingKeys {
  /**
   * Apart, for the JDK expands a key only when the cipher had another one before: data keys change
   * with every record, the keys above them stay the same for many.
   */
  private final AesGcm dataCiphers = new AesGcm();

  private final AesGcm otherCiphers = new AesGcm();
  private final Hkdf hkdf = new Hkdf();

  private SealingKeys() {}

  /** A maker with a pool of its own. */
  public static SealingKeys create() {
    return new SealingKeys();
  }

  /**
   * A key for one layer. Both arrays are copied; the caller wipes {@code key}.
   *
   * @param id {@value SealingKey#ID_BYTES} bytes, unique among the keys of its layer, not secret
   * @param key {@value SealingKey#KEY_BYTES} bytes from a cryptographic random source
   * @throws InvalidInputException if a length differs, or all bytes of the key are the same
   */
  public SealingKey key(KeyLayer layer, byte[] id, byte[] key) {
    Objects.requireNonNull(layer, "layer");
    if (id.length != SealingKey.ID_BYTES) {
      throw new InvalidInputException("key id", "exactly " + SealingKey.ID_BYTES + " bytes");
    }
    if (key.length != SealingKey.KEY_BYTES) {
      throw new InvalidInputException("key", "exactly " + SealingKey.KEY_BYTES + " bytes");
    }
    if (isOneByteRepeated(key)) {
      throw new InvalidInputException("key", "random bytes, not one byte repeated");
    }
    return new SealingKey(
        layer, id.clone(), key, layer == KeyLayer.DATA ? dataCiphers : otherCiphers, hkdf);
  }

  /** Whether no random source can have made these bytes: all zero, or all of one value. */
  static boolean isOneByteRepeated(byte[] bytes) {
    // Accumulated rather than left early, so that the time says nothing about a key.
    int difference = 0;
    for (byte b : bytes) {
      difference |= b ^ bytes[0];
    }
    return difference == 0;
  }

  int idleCiphers() {
    return dataCiphers.idleCiphers() + otherCiphers.idleCiphers();
  }
}
