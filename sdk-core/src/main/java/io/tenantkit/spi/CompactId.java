package io.tenantkit.spi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 128 bits of an id as {@link IdGenerator} writes it. Whoever keeps very many ids keeps two
 * longs each, a fifth of what the text takes, and writes the text anew for those who ask.
 * Stateless.
 */
public final class CompactId {
  private static final byte[] ALPHABET =
      "0123456789abcdefghjkmnpqrstvwxyz".getBytes(StandardCharsets.US_ASCII);
  private static final int LENGTH = 26;
  private static final int BITS = 5;
  private static final long MASK = (1 << BITS) - 1;

  /** Of 130 bits two are none of the id's, so the first character is one of eight. */
  private static final int FIRST = 8;

  private static final byte[] VALUES = new byte[128];

  static {
    Arrays.fill(VALUES, (byte) -1);
    for (int i = 0; i < ALPHABET.length; i++) {
      VALUES[ALPHABET[i]] = (byte) i;
    }
  }

  private CompactId() {}

  /**
   * Whether the text is what {@link #text} makes of this prefix and some 128 bits, so that nothing
   * of it is lost.
   */
  public static boolean fits(String prefix, String text) {
    int from = prefix.length() + 1;
    if (text.length() != from + LENGTH
        || !text.startsWith(prefix)
        || text.charAt(from - 1) != '_'
        || value(text, from) >= FIRST) {
      return false;
    }
    for (int i = from; i < text.length(); i++) {
      if (value(text, i) < 0) {
        return false;
      }
    }
    return true;
  }

  /** The first 64 bits of a text that {@link #fits}. */
  public static long high(String text) {
    // The first thirteen characters have 63 bits, and one is of the next.
    int from = text.length() - LENGTH;
    return bits(text, from, from + 13) << 1 | value(text, from + 13) >>> 4;
  }

  /** The last 64 bits of a text that {@link #fits}. */
  public static long low(String text) {
    return bits(text, text.length() - 13, text.length());
  }

  /** Five bits of each character; what has no room any more falls out at the front. */
  private static long bits(String text, int from, int to) {
    long bits = 0;
    for (int i = from; i < to; i++) {
      bits = bits << BITS | value(text, i);
    }
    return bits;
  }

  private static int value(String text, int at) {
    char c = text.charAt(at);
    return c < VALUES.length ? VALUES[c] : -1;
  }

  /** The id: the prefix, an underscore, and 26 characters of lower-case Crockford base 32. */
  public static String text(String prefix, long high, long low) {
    int from = prefix.length();
    byte[] text = new byte[from + 1 + LENGTH];
    for (int i = 0; i < from; i++) {
      text[i] = (byte) prefix.charAt(i);
    }
    text[from] = '_';
    // From the right, five bits a character.
    long top = high;
    long rest = low;
    for (int i = text.length - 1; i > from; i--) {
      text[i] = ALPHABET[(int) (rest & MASK)];
      rest = rest >>> BITS | top << (Long.SIZE - BITS);
      top >>>= BITS;
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}
