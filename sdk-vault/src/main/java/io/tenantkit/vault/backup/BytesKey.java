package io.tenantkit.vault.backup;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.SecretKey;

/** Key bytes that can be wiped, which the JDK's own SecretKeySpec cannot on Java 17. */
// The buffer is always one of ours, over the whole of an array.
@SuppressWarnings("ByteBufferBackingArray")
final class BytesKey implements SecretKey {
  private static final long serialVersionUID = 1L;

  private final String algorithm;

  /** A ByteBuffer, so that printers that go by reflection meet a type they may not open. */
  private final transient ByteBuffer bytes;

  private transient boolean destroyed;

  /** Takes the array over. */
  BytesKey(String algorithm, byte[] bytes) {
    this.algorithm = algorithm;
    this.bytes = ByteBuffer.wrap(bytes);
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
    if (destroyed) {
      throw new IllegalStateException("the key was closed");
    }
    return bytes.array().clone();
  }

  @Override
  public void destroy() {
    destroyed = true;
    Arrays.fill(bytes.array(), (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public String toString() {
    return "BytesKey[redacted]";
  }

  private void writeObject(ObjectOutputStream out) throws NotSerializableException {
    throw new NotSerializableException(BytesKey.class.getName());
  }
}
