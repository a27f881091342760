package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * The secret of a LiveKit API key, for HS256 (RFC 7518 §3.2). Closing wipes it. For one thread.
 *
 * <p>{@code SecretKeySpec} keeps a copy that nobody can wipe, so the key has a class of its own.
 */
final class SigningKey implements AutoCloseable {
  /** The bytes of a signature. */
  static final int SIGNATURE_LENGTH = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private final RawKey key;

  private SigningKey(byte[] secret) {
    this.key = new RawKey(secret);
  }

  /** A key over this array, which is wiped on close. */
  static SigningKey takeOver(byte[] secret) {
    return new SigningKey(secret);
  }

  /** The HMAC-SHA256 of the first bytes of an array. */
  byte[] sign(byte[] input, int length) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(input, 0, length);
      byte[] signature = mac.doFinal();
      // The Mac keeps what the key was mixed into; another key overwrites that.
      mac.init(new RawKey(new byte[SIGNATURE_LENGTH]));
      return signature;
    } catch (GeneralSecurityException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "this JVM has no usable HmacSHA256");
    }
  }

  @Override
  public void close() {
    Arrays.fill(key.bytes, (byte) 0);
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
