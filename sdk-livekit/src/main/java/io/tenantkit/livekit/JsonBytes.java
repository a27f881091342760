package io.tenantkit.livekit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON being written (RFC 8259), as UTF-8 in an array that grows. The caller sets brackets, names
 * and commas, and writes numbers as they are; this class knows strings.
 *
 * <p>A string escapes what the RFC demands and nothing more: quotes, backslashes and the controls
 * below space, in the short form where there is one. For one thread.
 */
final class JsonBytes {
  /** What one character takes at most: {@code \}{@code u001F}. */
  private static final int LONGEST_CHARACTER = 6;

  private static final long TEN_DIGITS = 1_000_000_000;

  private static final byte[] HEX = ascii("0123456789ABCDEF");

  /** The two digits of each number below a hundred, one pair after the other. */
  private static final byte[] PAIRS = pairs();

  private byte[] bytes;
  private int length;

  /** An empty text; more than {@code expected} bytes may come. */
  JsonBytes(int expected) {
    this.bytes = new byte[expected];
  }

  /** The bytes of a fixed part of a text. */
  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  int length() {
    return length;
  }

  /** Copies all that was written; answers where it ends. */
  int copyTo(byte[] target, int at) {
    System.arraycopy(bytes, 0, target, at, length);
    return at + length;
  }

  /** A part that is JSON already. */
  JsonBytes raw(byte[] json) {
    reserve(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  /** One ASCII character that is JSON already. */
  JsonBytes raw(char json) {
    reserve(1);
    bytes[length++] = (byte) json;
    return this;
  }

  /**
   * A number.
   *
   * @param value not negative
   */
  JsonBytes number(long value) {
    if (value < TEN_DIGITS || value >= 10 * TEN_DIGITS) {
      return raw(ascii(Long.toString(value)));
    }
    // Seconds since 1970 have ten digits for a long time.
    reserve(10);
    long rest = value;
    for (int at = length + 8; at >= length; at -= 2) {
      long hundredth = rest / 100;
      int pair = 2 * (int) (rest - 100 * hundredth);
      bytes[at] = PAIRS[pair];
      bytes[at + 1] = PAIRS[pair + 1];
      rest = hundredth;
    }
    length += 10;
    return this;
  }

  private static byte[] pairs() {
    byte[] pairs = new byte[200];
    for (int i = 0; i < 100; i++) {
      pairs[2 * i] = (byte) ('0' + i / 10);
      pairs[2 * i + 1] = (byte) ('0' + i % 10);
    }
    return pairs;
  }

  /**
   * A text in quotes.
   *
   * @throws IllegalArgumentException if it holds half a surrogate pair, which has no UTF-8
   */
  JsonBytes string(String text) {
    int chars = text.length();
    reserve(chars + 2);
    bytes[length++] = '"';
    // Most texts are plain ASCII from end to end; the others leave this loop at what is not.
    byte[] target = bytes;
    int at = length;
    int i = 0;
    while (i < chars && isPlain(text.charAt(i))) {
      target[at++] = (byte) text.charAt(i++);
    }
    length = at;
    while (i < chars) {
      // Room for this character in its longest form, for one byte of each that follows, and the
      // quote: so the array grows seldom, and never far beyond the text.
      reserve(LONGEST_CHARACTER + chars - i);
      i += character(text, i);
    }
    bytes[length++] = '"';
    return this;
  }

  /** Writes the character at an index, for which there is room; answers how many chars it has. */
  private int character(String text, int index) {
    char c = text.charAt(index);
    if (isPlain(c)) {
      bytes[length++] = (byte) c;
    } else if (c < 0x80) {
      escape(c);
    } else if (c < 0x800) {
      bytes[length++] = (byte) (0xC0 | (c >> 6));
      continuation(c);
    } else if (!Character.isSurrogate(c)) {
      bytes[length++] = (byte) (0xE0 | (c >> 12));
      continuation(c >> 6);
      continuation(c);
    } else {
      int codePoint = text.codePointAt(index);
      if (!Character.isSupplementaryCodePoint(codePoint)) {
        throw new IllegalArgumentException("half a surrogate pair");
      }
      bytes[length++] = (byte) (0xF0 | (codePoint >> 18));
      continuation(codePoint >> 12);
      continuation(codePoint >> 6);
      continuation(codePoint);
      return 2;
    }
    return 1;
  }

  /** Six bits, the lowest, as UTF-8 has them after a character's first byte. */
  private void continuation(int bits) {
    bytes[length++] = (byte) (0x80 | (bits & 0x3F));
  }

  private void escape(char c) {
    bytes[length++] = '\\';
    switch (c) {
      case '"', '\\' -> bytes[length++] = (byte) c;
      case '\b' -> bytes[length++] = 'b';
      case '\t' -> bytes[length++] = 't';
      case '\n' -> bytes[length++] = 'n';
      case '\f' -> bytes[length++] = 'f';
      case '\r' -> bytes[length++] = 'r';
      default -> {
        bytes[length++] = 'u';
        bytes[length++] = '0';
        bytes[length++] = '0';
        bytes[length++] = HEX[c >> 4];
        bytes[length++] = HEX[c & 0xF];
      }
    }
  }

  /** Whether a character stands in a JSON string as it is, in one byte. */
  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
