package io.tenantkit.spi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Text that grows as the bytes of its UTF-8, without a String in between: a row of the audit trail
 * is written with every use of a secret. Not safe for use by several threads.
 */
final class ByteText {
  private static final int MOST_DIGITS = 19;

  private byte[] bytes;
  private int length;

  ByteText(int capacity) {
    bytes = new byte[capacity];
  }

  /** A copy of what was written. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  ByteText put(char ascii) {
    room(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  ByteText put(String text) {
    return put(text.getBytes(StandardCharsets.UTF_8));
  }

  private ByteText put(byte[] utf8) {
    room(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    return this;
  }

  /** In decimal. */
  ByteText number(long number) {
    if (number < 0) {
      return put(Long.toString(number));
    }
    room(MOST_DIGITS);
    if (number < 100) {
      // As most are: the lengths of fields.
      if (number >= 10) {
        bytes[length++] = (byte) ('0' + number / 10);
      }
      bytes[length++] = (byte) ('0' + number % 10);
      return this;
    }
    int end = length + MOST_DIGITS;
    int at = end;
    long rest = number;
    do {
      bytes[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    System.arraycopy(bytes, at, bytes, length, end - at);
    length += end - at;
    return this;
  }

  /** The length in bytes, a colon, and the text. */
  ByteText field(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return number(utf8.length).put(':').put(utf8);
  }

  /** A {@link #field} with what {@link JsonText#object} writes. */
  ByteText jsonField(Map<String, String> members) {
    int length = 1 + Math.max(1, members.size());
    for (Map.Entry<String, String> member : members.entrySet()) {
      if (!isPlain(member.getKey()) || !isPlain(member.getValue())) {
        return field(JsonText.object(members));
      }
      length += 5 + member.getKey().length() + member.getValue().length();
    }
    number(length).put(':').room(length);
    char before = '{';
    for (Map.Entry<String, String> member : members.entrySet()) {
      bytes[this.length++] = (byte) before;
      quote(member.getKey());
      bytes[this.length++] = ':';
      quote(member.getValue());
      before = ',';
    }
    return members.isEmpty() ? put('{').put('}') : put('}');
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!JsonText.isPlain(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Of a plain text, which has room. */
  private void quote(String text) {
    bytes[length++] = '"';
    for (int i = 0; i < text.length(); i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
    bytes[length++] = '"';
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}
