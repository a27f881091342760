package io.tenantkit.secret;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag, from the JDK.
 *
 * <p>The nonce is an argument so that published vectors run through the very code that seals; only
 * {@link SealingKey} calls it, with a fresh random one each time. Ciphers come from a bounded pool,
 * for looking one up costs several times what a short message does. A cipher that threw is dropped.
 * A key that serves for long has a place in the pool of its own, so that it mostly meets the cipher
 * that it was in before: the JDK expands a key only where another one was. Safe for use by several
 * threads.
 */
final class AesGcm {
  static final int KEY_BYTES = 32;
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;
  static final int KEPT_CIPHERS = 32;

  private static final String TRANSFORMATION = "AES/GCM/NoPadding";

  /** The place of keys that serve once: wherever a thread looks first. */
  static final int ANY_PLACE = -1;

  private static final RawKey ZEROS = new RawKey("AES", new byte[KEY_BYTES]);

  private final AtomicInteger places = new AtomicInteger();
  private final BoundedPool<Cipher> ciphers = new BoundedPool<>(KEPT_CIPHERS, AesGcm::newCipher);

  /** A place for a key that serves for long; keys beyond the capacity share. */
  int newPlace() {
    return Math.floorMod(places.getAndIncrement(), KEPT_CIPHERS);
  }

  /**
   * Overwrites the key of the cipher at this place. Where a key was used by several threads at once
   * others may have it too, until they serve their next.
   */
  void wipe(int place) {
    ciphers.visit(
        place,
        cipher -> {
          try {
            cipher.init(
                Cipher.DECRYPT_MODE,
                ZEROS,
                new GCMParameterSpec(TAG_BYTES * 8, new byte[NONCE_BYTES]));
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM refused a key", e);
          }
        });
  }

  private Cipher take(int place) {
    return place == ANY_PLACE ? ciphers.take() : ciphers.take(place);
  }

  /** For the tests too: nothing tells when a cipher is at work. */
  void giveBack(Cipher cipher, RawKey key, int place) {
    if (place == ANY_PLACE) {
      ciphers.giveBack(cipher);
      return;
    }
    ciphers.giveBack(cipher, place);
    // Closed while it was at work: who closed it did not find this cipher.
    if (key.isDestroyed()) {
      wipe(place);
    }
  }

  /** Writes ciphertext and tag to {@code output} from {@code offset} to its end. */
  void encrypt(
      RawKey key,
      int place,
      byte[] nonce,
      byte[] associatedData,
      byte[] plain,
      byte[] output,
      int offset) {
    requireSize(plain.length + TAG_BYTES, output.length - offset);
    Cipher cipher = take(place);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
      cipher.updateAAD(associatedData);
      requireSize(plain.length + TAG_BYTES, cipher.doFinal(plain, 0, plain.length, output, offset));
    } catch (GeneralSecurityException e) {
      // Among others the JDK's own guard: the same nonce twice under one key, which means that the
      // random source is broken, so that stopping is the only safe answer.
      throw new IllegalStateException("AES-256-GCM refused to encrypt", e);
    }
    giveBack(cipher, key, place);
  }

  /**
   * Decrypts ciphertext and tag, which fill {@code input} from {@code offset} to its end.
   *
   * @throws AEADBadTagException if any bit of key, nonce, associated data, ciphertext or tag is not
   *     what it was when sealed
   */
  byte[] decrypt(
      RawKey key, int place, byte[] nonce, byte[] associatedData, byte[] input, int offset)
      throws AEADBadTagException {
    byte[] plain = new byte[input.length - offset - TAG_BYTES];
    Cipher cipher = take(place);
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
      cipher.updateAAD(associatedData);
      requireSize(plain.length, cipher.doFinal(input, offset, input.length - offset, plain, 0));
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM refused to decrypt", e);
    }
    giveBack(cipher, key, place);
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
