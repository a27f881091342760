package io.tenantkit.secret;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * The same bytes in every run: SHA-256 of seed and counter, one block after the other. For golden
 * ciphertexts only; the stream is part of their definition and must not change.
 */
public final class FixedRandom extends SecureRandom {
  private static final long serialVersionUID = 1L;

  private final long seed;
  private long counter;
  private byte[] block = {};
  private int used;

  /** A stream of its own for each seed. */
  public FixedRandom(long seed) {
    this.seed = seed;
  }

  @Override
  public synchronized void nextBytes(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (used == block.length) {
        block = sha256(ByteBuffer.allocate(16).putLong(seed).putLong(counter++).array());
        used = 0;
      }
      bytes[i] = block[used++];
    }
  }

  private static byte[] sha256(byte[] input) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(input);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
