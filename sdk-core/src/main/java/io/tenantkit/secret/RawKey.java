package io.tenantkit.secret;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * Key bytes in the form that the JDK's Cipher and Mac take, and that can be wiped: the JDK's own
 * SecretKeySpec keeps a copy that nothing can reach on Java 17.
 *
 * <p>Each {@link #getEncoded()} is a whole key or an exception, never a key that is half wiped: a
 * key closed by one thread while another encrypts must not end in a ciphertext under zeros. Safe
 * for use by several threads.
 */
final class RawKey implements SecretKey {
  private static final long serialVersionUID = 1L;

  private final transient String algorithm;

  /** A ByteBuffer for the reason given in {@link SecretValue}. */
  private final transient ByteBuffer bytes;

  private transient boolean destroyed;

  /** Copies the bytes. */
  RawKey(String algorithm, byte[] bytes) {
    this.algorithm = algorithm;
    this.bytes = ByteBuffer.wrap(bytes.clone());
  }

  @Override
  public String getAlgorithm() {
    return algorithm;
  }

  @Override
  public String getFormat() {
    return "RAW";
  }

  @Override
  public byte[] getEncoded() {
    synchronized (bytes) {
      if (destroyed) {
        throw new IllegalStateException("the key was closed");
      }
      return bytes.array().clone();
    }
  }

  @Override
  public void destroy() {
    synchronized (bytes) {
      destroyed = true;
      Arrays.fill(bytes.array(), (byte) 0);
    }
  }

  @Override
  public boolean isDestroyed() {
    synchronized (bytes) {
      return destroyed;
    }
  }

  @Override
  public String toString() {
    return "RawKey[redacted]";
  }

  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException(RawKey.class.getName());
  }
}
