package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The secret of a LiveKit API key, for HS256 (RFC 7518 §3.2). Closing wipes it. For one thread.
 *
 * <p>{@code SecretKeySpec} keeps a copy that nobody can wipe, so the key has a class of its own.
 */
final class SigningKey implements AutoCloseable {
  /** The bytes of a signature. */
  static final int SIGNATURE_LENGTH = 32;

  private static final String ALGORITHM = "HmacSHA256";

  /**
   * What keys copy their Mac from, for to look one up costs more than to sign a token. It never
   * meets a secret and nothing changes it; null when the JVM's Mac cannot be copied.
   */
  private static final @Nullable Mac BLANK = blank();

  private final RawKey key;

  /** Keyed, once something was signed. */
  private @Nullable Mac mac;

  private SigningKey(byte[] secret) {
    this.key = new RawKey(secret);
  }

  /** A key over this array, which is wiped on close. */
  static SigningKey takeOver(byte[] secret) {
    return new SigningKey(secret);
  }

  /** The HMAC-SHA256 of the first bytes of an array. Not after close. */
  byte[] sign(byte[] input, int length) {
    try {
      Mac keyed = keyed();
      keyed.update(input, 0, length);
      return keyed.doFinal();
    } catch (GeneralSecurityException e) {
      throw unusable();
    }
  }

  @Override
  public void close() {
    Arrays.fill(key.bytes, (byte) 0);
    if (mac != null) {
      try {
        // The Mac keeps what the key was mixed into; the wiped key overwrites that.
        mac.init(key);
      } catch (GeneralSecurityException e) {
        throw unusable();
      }
    }
  }

  private Mac keyed() throws GeneralSecurityException {
    if (mac == null) {
      mac = newMac();
      mac.init(key);
    }
    return mac;
  }

  private static Mac newMac() throws GeneralSecurityException {
    try {
      return BLANK == null ? Mac.getInstance(ALGORITHM) : (Mac) BLANK.clone();
    } catch (CloneNotSupportedException e) {
      return Mac.getInstance(ALGORITHM);
    }
  }

  /** Under a key of zeros: only with a key does the JDK choose whose Mac it is. */
  private static @Nullable Mac blank() {
    try {
      Mac blank = Mac.getInstance(ALGORITHM);
      blank.init(new RawKey(new byte[SIGNATURE_LENGTH]));
      return (Mac) blank.clone();
    } catch (GeneralSecurityException | CloneNotSupportedException e) {
      return null;
    }
  }

  private static TenantkitException unusable() {
    return new TenantkitException(ErrorCode.INTERNAL, "this JVM has no usable HmacSHA256");
  }

  private static final class RawKey implements SecretKey {
    private static final long serialVersionUID = 1L;

    private final transient byte[] bytes;

    RawKey(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
      return ALGORITHM;
    }

    @Override
    public String getFormat() {
      return "RAW";
    }

    /** A copy, which the JDK's Mac wipes after it has mixed it in. */
    @Override
    public byte[] getEncoded() {
      return bytes.clone();
    }
  }
}
