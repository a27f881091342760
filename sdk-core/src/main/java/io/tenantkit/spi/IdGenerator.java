package io.tenantkit.spi;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes ids of the form {@code prefix_} + 26 characters of lower-case Crockford base 32: 48 bits of
 * milliseconds and 80 random bits, the layout of a ULID. Ids from one generator ascend strictly,
 * also within a millisecond. Safe for use by several threads.
 */
public final class IdGenerator {
  private final Clock clock;
  private final SecureRandom random;
  private final ReentrantLock lock = new ReentrantLock();
  private long lastMillis = Long.MIN_VALUE;
  private long high;
  private long low;

  /** Ids from this clock and randomness. */
  public IdGenerator(Clock clock, SecureRandom random) {
    this.clock = clock;
    this.random = random;
  }

  /** A new id. */
  public String next(String prefix) {
    long millis = clock.millis();
    long h;
    long l;
    lock.lock();
    try {
      if (millis > lastMillis) {
        lastMillis = millis;
        high = random.nextInt() & 0xFFFFL;
        low = random.nextLong();
      } else if (++low == 0) {
        // 80 random bits carry over into the time part only after 2^80 ids of one millisecond.
        high++;
      }
      millis = lastMillis;
      h = high;
      l = low;
    } finally {
      lock.unlock();
    }
    // 128 bits: 48 of time, 16 and 64 random ones.
    return CompactId.text(prefix, millis << 16 | (h & 0xFFFFL), l);
  }
}
