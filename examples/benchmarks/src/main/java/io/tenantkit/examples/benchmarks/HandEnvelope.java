package io.tenantkit.examples.benchmarks;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The floor of opening a secret: a data key of 48 bytes (id and key) unwrapped with the
 * organization's key, and one field decrypted with it, AES-256-GCM both times. For one thread.
 *
 * <p>With derivation it takes the steps of our record format: HKDF-SHA-256 from the data key to an
 * encryption key and a commitment (one extract, two expands), and compares the commitment. Without,
 * the data key encrypts as it is.
 *
 * <p>Left out: storage, audit trail, parsing of the record, building the associated data (that of
 * our format, made before), wiping. Cipher and Mac are made once.
 */
final class HandEnvelope {
  private static final String AES = "AES";
  private static final String HMAC = "HmacSHA256";
  private static final int NONCE = 12;
  private static final int ID = 16;
  private static final int DATA_KEY = 48;
  private static final byte[] ENCRYPT = ascii("tenantkit/v1/data/encrypt");
  private static final byte[] COMMIT = ascii("tenantkit/v1/data/commit");

  private final boolean derives;
  private final Cipher cipher;
  private final Mac mac;

  /** A sealed value and what it is bound to. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Sealed(
      SecretKey organizationKey,
      byte[] keyContext,
      byte[] fieldContext,
      byte[] commitment,
      byte[] wrapped,
      byte[] sealed) {}

  HandEnvelope(boolean derives) throws GeneralSecurityException {
    this.derives = derives;
    this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
    this.mac = Mac.getInstance(HMAC);
  }

  /** An organization's key. */
  static SecretKey newKey() {
    return new SecretKeySpec(Fixture.random(32), AES);
  }

  /** What a put seals: a fresh data key under the organization's, and the value under that. */
  Sealed seal(SecretKey organizationKey, byte[] keyContext, byte[] fieldContext, byte[] plaintext)
      throws GeneralSecurityException {
    byte[] dataKey = Fixture.random(DATA_KEY);
    byte[] prk = extract(dataKey);
    return new Sealed(
        organizationKey,
        keyContext,
        fieldContext,
        expand(prk, COMMIT),
        seal(organizationKey, keyContext, dataKey),
        seal(fieldKey(dataKey, prk), fieldContext, plaintext));
  }

  byte[] open(Sealed from) throws GeneralSecurityException {
    byte[] dataKey = open(from.organizationKey(), from.keyContext(), from.wrapped());
    if (!derives) {
      return open(
          new SecretKeySpec(dataKey, ID, DATA_KEY - ID, AES), from.fieldContext(), from.sealed());
    }
    byte[] prk = extract(dataKey);
    SecretKey key = fieldKey(dataKey, prk);
    if (!MessageDigest.isEqual(from.commitment(), expand(prk, COMMIT))) {
      throw new GeneralSecurityException("another key");
    }
    return open(key, from.fieldContext(), from.sealed());
  }

  private SecretKey fieldKey(byte[] dataKey, byte[] prk) throws GeneralSecurityException {
    return derives
        ? new SecretKeySpec(expand(prk, ENCRYPT), AES)
        : new SecretKeySpec(dataKey, ID, DATA_KEY - ID, AES);
  }

  private byte[] extract(byte[] dataKey) throws GeneralSecurityException {
    mac.init(new SecretKeySpec(dataKey, 0, ID, HMAC));
    mac.update(dataKey, ID, DATA_KEY - ID);
    return mac.doFinal();
  }

  private byte[] expand(byte[] prk, byte[] label) throws GeneralSecurityException {
    mac.init(new SecretKeySpec(prk, HMAC));
    mac.update(label);
    mac.update((byte) 1);
    return mac.doFinal();
  }

  private byte[] seal(SecretKey key, byte[] context, byte[] plaintext)
      throws GeneralSecurityException {
    byte[] nonce = Fixture.random(NONCE);
    byte[] record = Arrays.copyOf(nonce, NONCE + plaintext.length + 16);
    cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
    cipher.updateAAD(context);
    cipher.doFinal(plaintext, 0, plaintext.length, record, NONCE);
    return record;
  }

  private byte[] open(SecretKey key, byte[] context, byte[] record)
      throws GeneralSecurityException {
    cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, record, 0, NONCE));
    cipher.updateAAD(context);
    return cipher.doFinal(record, NONCE, record.length - NONCE);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
