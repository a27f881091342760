package io.tenantkit.secret;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag, from the JDK.
 *
 * <p>The nonce is an argument so that published vectors run through the very code that seals; only
 * {@link SealingKey} calls it, with a fresh random one each time. Ciphers come from a bounded pool,
 * for looking one up costs several times what a short message does. A cipher that threw is dropped.
 * Safe for use by several threads.
 */
final class AesGcm {
  static final int KEY_BYTES = 32;
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;
  static final int KEPT_CIPHERS = 32;

  private static final String TRANSFORMATION = "AES/GCM/NoPadding";

  private final BoundedPool<Cipher> ciphers = new BoundedPool<>(KEPT_CIPHERS, AesGcm::newCipher);

  /** Writes ciphertext and tag to {@code output} from {@code offset} to its end. */
  void encrypt(
      RawKey key, byte[] nonce, byte[] associatedData, byte[] plain, byte[] output, int offset) {
    requireSize(plain.length + TAG_BYTES, output.length - offset);
    Cipher cipher = ciphers.take();
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
      cipher.updateAAD(associatedData);
      requireSize(plain.length + TAG_BYTES, cipher.doFinal(plain, 0, plain.length, output, offset));
    } catch (GeneralSecurityException e) {
      // Among others the JDK's own guard: the same nonce twice under one key, which means that the
      // random source is broken, so that stopping is the only safe answer.
      throw new IllegalStateException("AES-256-GCM refused to encrypt", e);
    }
    ciphers.giveBack(cipher);
  }

  /**
   * Decrypts ciphertext and tag, which fill {@code input} from {@code offset} to its end.
   *
   * @throws AEADBadTagException if any bit of key, nonce, associated data, ciphertext or tag is not
   *     what it was when sealed
   */
  byte[] decrypt(RawKey key, byte[] nonce, byte[] associatedData, byte[] input, int offset)
      throws AEADBadTagException {
    byte[] plain = new byte[input.length - offset - TAG_BYTES];
    Cipher cipher = ciphers.take();
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
      cipher.updateAAD(associatedData);
      requireSize(plain.length, cipher.doFinal(input, offset, input.length - offset, plain, 0));
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM refused to decrypt", e);
    }
    ciphers.giveBack(cipher);
    return plain;
  }

  /** How many ciphers are kept now. */
  int idleCiphers() {
    return ciphers.idle();
  }

  private static void requireSize(int expected, int actual) {
    if (expected != actual) {
      throw new IllegalStateException("AES-256-GCM: " + actual + " bytes, not " + expected);
    }
  }

  private static Cipher newCipher() {
    try {
      return Cipher.getInstance(TRANSFORMATION);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no " + TRANSFORMATION, e);
    }
  }
}
