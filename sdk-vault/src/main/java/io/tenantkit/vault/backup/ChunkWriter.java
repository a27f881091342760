package io.tenantkit.vault.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Encrypts what is written to it, chunk by chunk, so that no more than one chunk of plaintext is
 * held. For one thread; blocks on the stream, which stays the caller's.
 */
final class ChunkWriter implements AutoCloseable {
  static final int CHUNK_BYTES = 65_536;
  static final int TAG_BYTES = 16;

  private final OutputStream out;
  private final FileKeys keys;
  private final byte[] associated;
  private final byte[] plain = new byte[CHUNK_BYTES];
  private final byte[] sealed = new byte[CHUNK_BYTES + TAG_BYTES];
  private final Cipher cipher = cipher();
  private int filled;
  private int number;

  ChunkWriter(OutputStream out, FileKeys keys, BackupHeader header) {
    this.out = out;
    this.keys = keys;
    this.associated = header.bytes();
  }

  static Cipher cipher() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no AES/GCM/NoPadding", e);
    }
  }

  static GCMParameterSpec nonce(FileKeys keys, int number, boolean last) {
    byte[] nonce =
        ByteBuffer.allocate(FileKeys.PREFIX_BYTES + 5)
            .put(keys.prefix())
            .putInt(number)
            .put((byte) (last ? 1 : 0))
            .array();
    return new GCMParameterSpec(TAG_BYTES * 8, nonce);
  }

  void write(byte[] bytes) throws IOException {
    int at = 0;
    while (at < bytes.length) {
      if (filled == CHUNK_BYTES) {
        emit(false);
      }
      int taken = Math.min(bytes.length - at, CHUNK_BYTES - filled);
      System.arraycopy(bytes, at, plain, filled, taken);
      filled += taken;
      at += taken;
    }
  }

  /** Writes the last chunk; there must be a byte to write in it. */
  void finish() throws IOException {
    emit(true);
    out.flush();
  }

  private void emit(boolean last) throws IOException {
    if (filled == 0 || number == -1) {
      throw new IllegalStateException("no chunk is empty, and there are at most 2^32 - 1");
    }
    try {
      cipher.init(Cipher.ENCRYPT_MODE, keys.chunkKey(), nonce(keys, number, last));
      cipher.updateAAD(associated);
      int length = cipher.doFinal(plain, 0, filled, sealed, 0);
      Arrays.fill(plain, 0, filled, (byte) 0);
      filled = 0;
      number++;
      out.write(sealed, 0, length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM refused to encrypt", e);
    }
  }

  /** Wipes what was not written. */
  @Override
  public void close() {
    Arrays.fill(plain, (byte) 0);
  }
}
