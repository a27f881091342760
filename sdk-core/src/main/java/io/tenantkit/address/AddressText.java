package io.tenantkit.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of an address in one way only, so that nobody reads it differently: IPv4 as four
 * decimal numbers without leading zeros; IPv6 as in RFC 4291, section 2.2, without zone. What Java
 * and C libraries accept besides (octal, hexadecimal, one to three numbers, names) is refused, and
 * nothing is looked up. Stateless.
 */
final class AddressText {
  /** Six groups of four, and an IPv4 address: the longest that the grammar allows. */
  private static final int MAX_LENGTH = 45;

  private static final int GROUPS = 8;

  private AddressText() {}

  /**
   * Four or sixteen bytes, or null when the text is no address. An IPv4-mapped IPv6 address gives
   * the four bytes of the IPv4 address that it is.
   */
  static byte @Nullable [] parse(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return null;
    }
    if (text.indexOf(':') < 0) {
      return v4(text);
    }
    byte[] bytes = v6(text);
    return bytes == null ? null : unmapped(bytes);
  }

  /** The address with these bytes; no name is looked up. */
  static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("addresses have 4 or 16 bytes", e);
    }
  }

  /** The four bytes of an IPv4-mapped IPv6 address ({@code ::ffff:0:0/96}); else the same bytes. */
  static byte[] unmapped(byte[] bytes) {
    if (bytes.length != 16 || bytes[10] != -1 || bytes[11] != -1) {
      return bytes;
    }
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return bytes;
      }
    }
    return Arrays.copyOfRange(bytes, 12, 16);
  }

  private static byte @Nullable [] v4(String text) {
    byte[] bytes = new byte[4];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int end = i == 3 ? text.length() : text.indexOf('.', at);
      int value = end < 0 ? -1 : octet(text, at, end);
      if (value < 0) {
        return null;
      }
      bytes[i] = (byte) value;
      at = end + 1;
    }
    return bytes;
  }

  /** One decimal number of 0 to 255 without leading zeros, or -1. */
  private static int octet(String text, int from, int to) {
    int length = to - from;
    if (length < 1 || length > 3 || (length > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value > 255 ? -1 : value;
  }

  private static byte @Nullable [] v6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      byte[] all = groups(text);
      return all != null && all.length == 2 * GROUPS ? all : null;
    }
    byte[] left = gap == 0 ? new byte[0] : groups(text.substring(0, gap));
    boolean ends = gap + 2 == text.length();
    byte[] right = ends ? new byte[0] : groups(text.substring(gap + 2));
    // An IPv4 address may only stand at the very end; and "::" stands for at least one group.
    if (left == null
        || right == null
        || text.lastIndexOf('.', gap) >= 0
        || left.length + right.length > 2 * (GROUPS - 1)) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(left, 2 * GROUPS);
    System.arraycopy(right, 0, bytes, 2 * GROUPS - right.length, right.length);
    return bytes;
  }

  /** The bytes of one or more groups joined by single colons, the last of which may be IPv4. */
  private static byte @Nullable [] groups(String text) {
    byte[] bytes = new byte[2 * GROUPS];
    int length = 0;
    int at = 0;
    while (at <= text.length()) {
      int colon = text.indexOf(':', at);
      int end = colon < 0 ? text.length() : colon;
      byte[] group = colon < 0 && text.indexOf('.', at) >= 0 ? v4(text.substring(at)) : null;
      if (group == null) {
        group = group(text, at, end);
      }
      if (group == null || length + group.length > bytes.length) {
        return null;
      }
      System.arraycopy(group, 0, bytes, length, group.length);
      length += group.length;
      at = end + 1;
    }
    return Arrays.copyOf(bytes, length);
  }

  /** One to four hexadecimal digits. */
  private static byte @Nullable [] group(String text, int from, int to) {
    if (to - from < 1 || to - from > 4) {
      return null;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      // Character.digit alone would take digits of other scripts.
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return null;
      }
      value = value << 4 | digit;
    }
    return new byte[] {(byte) (value >> 8), (byte) value};
  }
}
