package io.tenantkit.secret;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;

/**
 * HKDF with SHA-256 (RFC 5869), which the JDK has only from Java 25.
 *
 * <p>Safe for use by several threads: each call takes a Mac of its own from a bounded pool.
 */
final class Hkdf {
  static final int HASH_BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAX_OUTPUT_BYTES = 255 * HASH_BYTES;
  private static final int KEPT_MACS = 16;

  private final BoundedPool<Mac> macs = new BoundedPool<>(KEPT_MACS, Hkdf::newMac);

  /** HKDF-Extract: 32 bytes; an empty salt stands for 32 zero bytes, as the RFC says. */
  byte[] extract(byte[] salt, byte[] inputKey) {
    return withMac(salt.length == 0 ? new byte[HASH_BYTES] : salt, mac -> mac.doFinal(inputKey));
  }

  /**
   * HKDF-Expand: {@code length} bytes for one purpose, named by {@code info}.
   *
   * @throws IllegalArgumentException if the length is not 1 to 8,160
   */
  byte[] expand(byte[] pseudoRandomKey, byte[] info, int length) {
    return withMac(pseudoRandomKey, mac -> expand(mac, info, length));
  }

  /**
   * HKDF-Extract and two HKDF-Expands of what it gives, each of {@value #HASH_BYTES} bytes, which
   * takes a Mac once and keys it twice.
   */
  byte[][] deriveTwo(byte[] salt, byte[] inputKey, byte[] firstInfo, byte[] secondInfo) {
    return withMac(
        salt,
        mac -> {
          byte[] prk = mac.doFinal(inputKey);
          RawKey key = new RawKey(ALGORITHM, prk);
          Arrays.fill(prk, (byte) 0);
          try {
            mac.init(key);
            return new byte[][] {
              expand(mac, firstInfo, HASH_BYTES), expand(mac, secondInfo, HASH_BYTES)
            };
          } finally {
            key.destroy();
          }
        });
  }

  private interface Step<T> {
    T with(Mac mac) throws GeneralSecurityException;
  }

  private static byte[] expand(Mac mac, byte[] info, int length) {
    if (length < 1 || length > MAX_OUTPUT_BYTES) {
      throw new IllegalArgumentException("HKDF output: 1 to " + MAX_OUTPUT_BYTES + " bytes");
    }
    if (length == HASH_BYTES) {
      // The first block is the whole output, so that there is nothing to copy or wipe.
      mac.update(info);
      mac.update((byte) 1);
      return mac.doFinal();
    }
    byte[] output = new byte[length];
    byte[] block = new byte[0];
    for (int done = 0, counter = 1; done < length; counter++) {
      mac.update(block);
      mac.update(info);
      mac.update((byte) counter);
      Arrays.fill(block, (byte) 0);
      block = mac.doFinal();
      int taken = Math.min(block.length, length - done);
      System.arraycopy(block, 0, output, done, taken);
      done += taken;
    }
    Arrays.fill(block, (byte) 0);
    return output;
  }

  private <T> T withMac(byte[] keyBytes, Step<T> step) {
    RawKey key = new RawKey(ALGORITHM, keyBytes);
    Mac mac = macs.take();
    try {
      mac.init(key);
      T output = step.with(mac);
      macs.giveBack(mac);
      return output;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JVM refuses an HMAC-SHA-256 key", e);
    } finally {
      key.destroy();
    }
  }

  private static Mac newMac() {
    try {
      return Mac.getInstance(ALGORITHM);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no " + ALGORITHM, e);
    }
  }
}
