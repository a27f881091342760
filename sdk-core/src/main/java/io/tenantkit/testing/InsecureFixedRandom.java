package io.tenantkit.testing;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/**
 * Randomness that repeats from a seed, so that a test sees the same keys and ids each time.
 * Everything made with it can be guessed. Safe for use by several threads, though their order then
 * decides who gets what.
 */
public final class InsecureFixedRandom extends SecureRandom {
  private static final long serialVersionUID = 1L;

  // Not serialized: two copies of one stream would repeat keys.
  private final transient SplittableRandom random;

  /** The stream of this seed. */
  public InsecureFixedRandom(long seed) {
    this.random = new SplittableRandom(seed);
  }

  @Override
  public synchronized void nextBytes(byte[] bytes) {
    random.nextBytes(bytes);
  }

  @Override
  public int nextInt() {
    byte[] four = new byte[4];
    nextBytes(four);
    return (four[0] & 0xFF) << 24
        | (four[1] & 0xFF) << 16
        | (four[2] & 0xFF) << 8
        | (four[3] & 0xFF);
  }

  @Override
  public long nextLong() {
    return ((long) nextInt() << 32) | (nextInt() & 0xFFFFFFFFL);
  }
}
