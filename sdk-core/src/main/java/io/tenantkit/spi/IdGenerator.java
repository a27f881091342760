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
  private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final int LENGTH = 26;

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
    char[] text = new char[prefix.length() + 1 + LENGTH];
    prefix.getChars(0, prefix.length(), text, 0);
    text[prefix.length()] = '_';
    // 128 bits = time (48) + high (16) | low (64), written from the right, five bits a character.
    long top = (millis << 16) | (h & 0xFFFFL);
    for (int i = text.length - 1; i > prefix.length(); i--) {
      text[i] = ALPHABET[(int) (l & 31)];
      l = (l >>> 5) | (top << 59);
      top >>>= 5;
    }
    return new String(text);
  }
}
