package io.tenantkit.secret;

import io.tenantkit.InvalidInputException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;

/**
 * A 256-bit key that signs texts with HMAC-SHA-256 and checks such signatures. Safe for use by
 * several threads; nothing blocks. {@link #close()} wipes the key, and later use throws {@link
 * IllegalStateException}.
 */
public final class MacKey implements AutoCloseable {
  /** Length of a key and of a signature, in bytes. */
  public static final int BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private final transient RawKey key;

  /**
   * Copies the key, which the caller wipes.
   *
   * @throws InvalidInputException if it is not {@value #BYTES} bytes
   */
  public MacKey(byte[] key) {
    if (key.length != BYTES) {
      throw new InvalidInputException("key", BYTES + " bytes");
    }
    this.key = new RawKey(ALGORITHM, key);
  }

  /** The signature of these bytes: {@value #BYTES} bytes. */
  public byte[] sign(byte[] message) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /** Whether it is this key's signature of these bytes; compared in constant time. */
  public boolean verify(byte[] message, byte[] signature) {
    return MessageDigest.isEqual(sign(message), signature);
  }

  /** Wipes the key. Further calls do nothing. */
  @Override
  public void close() {
    key.destroy();
  }

  /** Nothing of the key. */
  @Override
  public String toString() {
    return "MacKey[redacted]";
  }
}
