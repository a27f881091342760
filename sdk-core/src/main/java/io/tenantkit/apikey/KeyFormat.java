package io.tenantkit.apikey;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The shape of our keys: {@code ak_live_} or {@code ak_test_}, 32 random base-62 characters (190
 * bits), 6 base-62 characters of the CRC-32 of all before. The checksum lets a scanner, and us,
 * tell a real key from a look-alike without asking the storage.
 *
 * <p>An organization may have another name than {@code ak} before its keys. Only {@code ak} is ours
 * alone: a foreign issuer's keys may look like any other, so those are always looked up.
 */
final class KeyFormat {
  static final int BODY = 32;
  static final int CHECKSUM = 6;
  static final int PREFIX = 8;
  static final int LENGTH = PREFIX + BODY + CHECKSUM;

  /** How many characters of a key are kept to recognise it by. */
  static final int SHOWN = 16;

  private static final byte[] ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
          .getBytes(StandardCharsets.US_ASCII);

  /** A table, for the processor cannot guess which of three ranges a random character is in. */
  private static final boolean[] IN_ALPHABET = new boolean[128];

  static {
    for (byte c : ALPHABET) {
      IN_ALPHABET[c] = true;
    }
  }

  /**
   * The largest multiple of 62 in a byte; larger bytes are thrown away so that every character is
   * equally likely.
   */
  private static final int FAIR = 256 - 256 % 62;

  private KeyFormat() {}

  /**
   * A new key as ASCII bytes, which the caller wipes.
   *
   * @param prefix what it begins with, for example {@code ak_live_}
   */
  static byte[] generate(String prefix, SecureRandom random) {
    byte[] beginning = prefix.getBytes(StandardCharsets.US_ASCII);
    byte[] key = Arrays.copyOf(beginning, beginning.length + BODY + CHECKSUM);
    byte[] drawn = new byte[BODY * 2];
    int at = beginning.length;
    int end = key.length - CHECKSUM;
    while (at < end) {
      random.nextBytes(drawn);
      for (int i = 0; i < drawn.length && at < end; i++) {
        int value = drawn[i] & 0xFF;
        if (value < FAIR) {
          key[at++] = ALPHABET[value % 62];
        }
      }
    }
    Arrays.fill(drawn, (byte) 0);
    writeChecksum(key);
    return key;
  }

  /**
   * Whether the text has our length and one of our own prefixes, so that its checksum must be
   * right.
   */
  static boolean ourShape(String text) {
    return text.length() == LENGTH
        && (text.startsWith(KeyMode.LIVE.prefix()) || text.startsWith(KeyMode.TEST.prefix()))
        && isBase62(text);
  }

  /**
   * Whether the last six characters are the checksum of those before; only for what has our shape.
   */
  static boolean checksumHolds(byte[] key) {
    if (key.length < BODY + CHECKSUM) {
      return false;
    }
    long rest = checksum(key);
    for (int i = key.length - 1; i >= key.length - CHECKSUM; i--) {
      if (key[i] != ALPHABET[(int) (rest % 62)]) {
        return false;
      }
      rest /= 62;
    }
    return true;
  }

  private static boolean isBase62(String text) {
    for (int i = PREFIX; i < LENGTH; i++) {
      char c = text.charAt(i);
      if (c >= IN_ALPHABET.length || !IN_ALPHABET[c]) {
        return false;
      }
    }
    return true;
  }

  private static long checksum(byte[] key) {
    CRC32 crc = new CRC32();
    crc.update(key, 0, key.length - CHECKSUM);
    return crc.getValue();
  }

  private static void writeChecksum(byte[] key) {
    long rest = checksum(key);
    for (int i = key.length - 1; i >= key.length - CHECKSUM; i--) {
      key[i] = ALPHABET[(int) (rest % 62)];
      rest /= 62;
    }
  }
}
