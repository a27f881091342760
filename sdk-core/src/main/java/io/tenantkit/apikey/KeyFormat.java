package io.tenantkit.apikey;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The shape of our keys: {@code ak_live_} or {@code ak_test_}, 32 random base-62 characters (190
 * bits), 6 base-62 characters of the CRC-32 of all before. The checksum lets a scanner, and us,
 * tell a real key from a look-alike without asking the storage.
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

  /** A new key as ASCII bytes, which the caller wipes. */
  static byte[] generate(KeyMode mode, SecureRandom random) {
    byte[] key = new byte[LENGTH];
    byte[] prefix = mode.prefix().getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(prefix, 0, key, 0, PREFIX);
    byte[] drawn = new byte[BODY * 2];
    int at = PREFIX;
    while (at < PREFIX + BODY) {
      random.nextBytes(drawn);
      for (int i = 0; i < drawn.length && at < PREFIX + BODY; i++) {
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
   * Whether the text has our length and one of our prefixes, so that its checksum must be right.
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
    if (key.length != LENGTH) {
      return false;
    }
    long rest = checksum(key);
    for (int i = LENGTH - 1; i >= PREFIX + BODY; i--) {
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
    crc.update(key, 0, PREFIX + BODY);
    return crc.getValue();
  }

  private static void writeChecksum(byte[] key) {
    long rest = checksum(key);
    for (int i = LENGTH - 1; i >= PREFIX + BODY; i--) {
      key[i] = ALPHABET[(int) (rest % 62)];
      rest /= 62;
    }
  }
}
