package io.tenantkit.livekit;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The secret of a LiveKit API key, for HS256 (RFC 7518 §3.2), as Macs that are keyed with it; the
 * secret itself is wiped as soon as they are. Closing overwrites what they hold. Safe for use by
 * several threads, which do not wait for each other.
 *
 * <p>{@code SecretKeySpec} keeps a copy that nobody can wipe, so the key has a class of its own.
 */
final class SigningKey implements AutoCloseable {
  /** The bytes of a signature. */
  static final int SIGNATURE_LENGTH = 32;

  private static final String ALGORITHM = "HmacSHA256";

  /** A power of two: how many Macs wait for their next use. */
  private static final int PLACES = 8;

  /**
   * What keys copy their Mac from, for to look one up costs more than to sign a token. It never
   * meets a secret and nothing changes it; null when the JVM's Mac cannot be copied.
   */
  private static final @Nullable Mac BLANK = blank();

  /**
   * Never signs, is copied: what a thread takes when no Mac waits. Guarded by itself; where Macs
   * cannot be copied it signs after all.
   */
  private final Mac keyed;

  private final boolean canBeCopied;
  private final AtomicReferenceArray<@Nullable Mac> waiting = new AtomicReferenceArray<>(PLACES);
  private volatile boolean closed;

  private SigningKey(Mac keyed) {
    this.keyed = keyed;
    this.canBeCopied = BLANK != null;
  }

  /** A key over this array, which is wiped. */
  static SigningKey takeOver(byte[] secret) {
    try {
      Mac mac = newMac();
      mac.init(new RawKey(secret));
      return new SigningKey(mac);
    } catch (GeneralSecurityException e) {
      throw unusable();
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /**
   * The HMAC-SHA256 of the first bytes of an array.
   *
   * @throws ConflictException when the key was closed: the credentials were replaced meanwhile
   */
  byte[] sign(byte[] input, int length) {
    int place = (int) Thread.currentThread().getId() & (PLACES - 1);
    Mac mac = waiting.getAndSet(place, null);
    if (mac == null) {
      mac = copy();
      if (mac == null) {
        return signAlone(input, length);
      }
    }
    mac.update(input, 0, length);
    byte[] signature = mac.doFinal();
    if (!waiting.compareAndSet(place, null, mac)) {
      wipe(mac);
    }
    // After it was put back, so that either closing finds it or this does.
    if (closed) {
      wipeWaiting();
      Arrays.fill(signature, (byte) 0);
      throw ConflictException.stale("livekit credentials");
    }
    return signature;
  }

  private @Nullable Mac copy() {
    synchronized (keyed) {
      requireOpen();
      if (!canBeCopied) {
        return null;
      }
      try {
        return (Mac) keyed.clone();
      } catch (CloneNotSupportedException e) {
        return null;
      }
    }
  }

  private byte[] signAlone(byte[] input, int length) {
    synchronized (keyed) {
      requireOpen();
      keyed.update(input, 0, length);
      return keyed.doFinal();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw ConflictException.stale("livekit credentials");
    }
  }

  @Override
  public void close() {
    synchronized (keyed) {
      closed = true;
      wipe(keyed);
    }
    wipeWaiting();
  }

  private void wipeWaiting() {
    for (int place = 0; place < PLACES; place++) {
      Mac mac = waiting.getAndSet(place, null);
      if (mac != null) {
        wipe(mac);
      }
    }
  }

  /** The Mac keeps what the key was mixed into; a key of zeros overwrites that. */
  private static void wipe(Mac mac) {
    try {
      mac.init(new RawKey(new byte[SIGNATURE_LENGTH]));
    } catch (GeneralSecurityException e) {
      throw unusable();
    }
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
