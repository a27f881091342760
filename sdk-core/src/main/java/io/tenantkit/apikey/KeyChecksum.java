package io.tenantkit.apikey;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The last six characters of a key: the CRC-32 of everything before, whatever prefix it begins
 * with, in base 62 with leading zeros. Stateless.
 */
final class KeyChecksum {
  static final int LENGTH = 6;

  private static final byte[] ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
          .getBytes(StandardCharsets.US_ASCII);

  private KeyChecksum() {}

  /** Whether what lies between these positions ends with its checksum. */
  static boolean holds(byte[] text, int from, int to) {
    if (to - from <= LENGTH) {
      return false;
    }
    CRC32 crc = new CRC32();
    crc.update(text, from, to - from - LENGTH);
    long rest = crc.getValue();
    for (int i = to - 1; i >= to - LENGTH; i--) {
      if (text[i] != ALPHABET[(int) (rest % ALPHABET.length)]) {
        return false;
      }
      rest /= ALPHABET.length;
    }
    return true;
  }
}
