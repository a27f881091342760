package io.tenantkit.address;

import io.tenantkit.InvalidInputException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Locale;

/**
 * A block of addresses in CIDR notation, for example {@code 203.0.113.0/24} or {@code
 * 2001:db8::/32}; an address alone is the block that holds only it.
 *
 * <p>The text is read strictly: IPv4 as four decimal numbers without leading zeros, IPv6 as in RFC
 * 4291 without zone id, the prefix length in decimal without leading zeros or sign, and no bit set
 * behind the prefix, since whoever writes {@code 10.0.0.1/8} may mean either. An IPv4-mapped IPv6
 * address is the IPv4 address: {@code ::ffff:192.0.2.0/120} equals {@code 192.0.2.0/24}. Apart from
 * that the families never meet: {@code ::/0} holds no IPv4 address.
 *
 * <p>Immutable and safe for use by several threads. Two ranges of the same addresses are equal.
 */
public final class AddressRange implements Comparable<AddressRange> {
  /** The longest text of a range: the longest address, a slash and three digits. */
  private static final int MAX_LENGTH = 49;

  private static final int MAPPED_BITS = 96;

  private final Bits128 first;
  private final Bits128 last;
  private final int prefix;

  private AddressRange(Bits128 first, int prefix) {
    this.first = first;
    this.last = first.withOnesFrom(prefix);
    this.prefix = prefix;
  }

  /**
   * The range with this text.
   *
   * @throws InvalidInputException when it is not exactly of the form above; the message does not
   *     repeat it
   */
  public static AddressRange parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw malformed();
    }
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    byte[] bytes = AddressText.parse(address);
    if (bytes == null) {
      throw malformed();
    }
    int bits = bytes.length * 8;
    int prefix = bits;
    if (slash >= 0) {
      // A mapped address counts the bits of the form in which it was written.
      boolean mapped = bits == 32 && address.indexOf(':') >= 0;
      prefix = prefix(text.substring(slash + 1), mapped ? 128 : bits) - (mapped ? MAPPED_BITS : 0);
      if (prefix < 0) {
        throw malformed();
      }
    }
    Bits128 first = Bits128.of(bytes);
    if (!first.equals(first.withZerosFrom(prefix))) {
      throw new InvalidInputException("addressRange", "no bits set behind the prefix length");
    }
    return new AddressRange(first, prefix);
  }

  /** The range that holds only this address; its zone, if it has one, is left out. */
  public static AddressRange of(InetAddress address) {
    Bits128 bits = Bits128.of(address.getAddress());
    return new AddressRange(bits, bits.width());
  }

  /** Whether the address lies in this range. */
  public boolean contains(InetAddress address) {
    Bits128 bits = Bits128.of(address.getAddress());
    return first.compareTo(bits) <= 0 && bits.compareTo(last) <= 0;
  }

  /** How many leading bits all addresses share: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  public int prefixLength() {
    return prefix;
  }

  /** Whether it is a range of IPv6 addresses. */
  public boolean isIpv6() {
    return first.width() == 128;
  }

  Bits128 first() {
    return first;
  }

  Bits128 last() {
    return last;
  }

  /** 0 to {@code max} in decimal, or -1. */
  private static int prefix(String text, int max) {
    if (text.isEmpty() || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value > max ? -1 : value;
  }

  private static InvalidInputException malformed() {
    return new InvalidInputException(
        "addressRange",
        "an IPv4 or IPv6 address in its plain form, alone or with '/' and a prefix length");
  }

  /** IPv4 before IPv6, then by address, wider before narrower. */
  @Override
  public int compareTo(AddressRange other) {
    int order = first.compareTo(other.first);
    return order != 0 ? order : Integer.compare(prefix, other.prefix);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AddressRange that && compareTo(that) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * first.hashCode() + prefix;
  }

  /**
   * The canonical text (RFC 5952 for IPv6), which {@link #parse} reads; a range of one address has
   * no prefix length.
   */
  @Override
  public String toString() {
    byte[] bytes = first.bytes();
    String address = bytes.length == 4 ? v4(bytes) : v6(bytes);
    return prefix == first.width() ? address : address + "/" + prefix;
  }

  private static String v4(byte[] bytes) {
    return String.format(
        Locale.ROOT,
        "%d.%d.%d.%d",
        bytes[0] & 0xFF,
        bytes[1] & 0xFF,
        bytes[2] & 0xFF,
        bytes[3] & 0xFF);
  }

  private static String v6(byte[] bytes) {
    int[] groups = new int[8];
    Arrays.setAll(groups, i -> ((bytes[2 * i] & 0xFF) << 8) | (bytes[2 * i + 1] & 0xFF));
    int gap = -1;
    int gapLength = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      // The first of the longest runs, and never a run of one.
      if (end - i > gapLength) {
        gap = i;
        gapLength = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == gap) {
        text.append("::");
        i += gapLength - 1;
      } else {
        text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
