package io.tenantkit.vault.backup;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/**
 * Gives the bytes of chunks that are authentic, in their order and to their end, and refuses
 * everything else. Holds one chunk of plaintext at the most. For one thread; blocks on the stream,
 * which stays the caller's.
 */
final class ChunkReader implements AutoCloseable {
  private static final int SEALED_BYTES = ChunkWriter.CHUNK_BYTES + ChunkWriter.TAG_BYTES;

  private final InputStream in;
  private final FileKeys keys;
  private final byte[] associated;

  /** One byte more than a chunk: whether it comes tells whether the chunk is the last. */
  private final byte[] sealed = new byte[SEALED_BYTES + 1];

  private final byte[] plain = new byte[ChunkWriter.CHUNK_BYTES];
  private final Cipher cipher = ChunkWriter.cipher();
  private int ahead;
  private int filled;
  private int at;
  private int number;
  private boolean last;

  ChunkReader(InputStream in, FileKeys keys, BackupHeader header) {
    this.in = in;
    this.keys = keys;
    this.associated = header.bytes();
  }

  /** That many bytes, the caller's to wipe; fewer are a file that was cut. */
  byte[] read(int length) throws IOException {
    byte[] bytes = new byte[length];
    int done = 0;
    try {
      while (done < length) {
        if (at == filled) {
          if (last) {
            throw Rejected.backup();
          }
          next();
        }
        int taken = Math.min(length - done, filled - at);
        System.arraycopy(plain, at, bytes, done, taken);
        at += taken;
        done += taken;
      }
      return bytes;
    } catch (IOException | RuntimeException e) {
      Arrays.fill(bytes, (byte) 0);
      throw e;
    }
  }

  /** Demands that the last chunk was read to its end. */
  void requireEnd() {
    if (!last || at != filled) {
      throw Rejected.backup();
    }
  }

  private void next() throws IOException {
    int length = ahead + in.readNBytes(sealed, ahead, sealed.length - ahead);
    last = length <= SEALED_BYTES;
    int chunk = Math.min(length, SEALED_BYTES);
    if (chunk <= ChunkWriter.TAG_BYTES || number == -1) {
      throw Rejected.backup();
    }
    try {
      cipher.init(Cipher.DECRYPT_MODE, keys.chunkKey(), ChunkWriter.nonce(keys, number, last));
      cipher.updateAAD(associated);
      at = 0;
      filled = 0;
      filled = cipher.doFinal(sealed, 0, chunk, plain, 0);
    } catch (AEADBadTagException e) {
      throw Rejected.backup();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM refused to decrypt", e);
    }
    number++;
    ahead = last ? 0 : 1;
    sealed[0] = sealed[SEALED_BYTES];
  }

  /** Wipes the chunk. */
  @Override
  public void close() {
    Arrays.fill(plain, (byte) 0);
  }
}
