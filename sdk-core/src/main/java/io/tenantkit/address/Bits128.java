package io.tenantkit.address;

import java.nio.ByteBuffer;

/**
 * An address as a number: 32 bits of IPv4 in {@code low}, or 128 bits of IPv6. Ordered by family,
 * then as unsigned numbers.
 *
 * @param width 32 or 128
 * @param high the first 64 bits of IPv6; 0 for IPv4
 * @param low the last 64 bits of IPv6; IPv4 as 0 to 2^32 - 1
 */
record Bits128(int width, long high, long low) implements Comparable<Bits128> {
  private static final long V4 = 0xFFFF_FFFFL;
  private static final long MAPPED = 0xFFFFL << 32;

  /** From 4 or 16 bytes; an IPv4-mapped IPv6 address is the IPv4 address. */
  static Bits128 of(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    if (bytes.length == 4) {
      return new Bits128(32, 0, buffer.getInt() & V4);
    }
    long high = buffer.getLong();
    long low = buffer.getLong();
    boolean mapped = high == 0 && (low & ~V4) == MAPPED;
    return mapped ? new Bits128(32, 0, low & V4) : new Bits128(128, high, low);
  }

  byte[] bytes() {
    return width == 32
        ? ByteBuffer.allocate(4).putInt((int) low).array()
        : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
  }

  /** The same with all bits from this position, counted from the first, cleared. */
  Bits128 withZerosFrom(int position) {
    return new Bits128(width, high & ~highOnes(position), low & ~lowOnes(position));
  }

  /** The same with all bits from this position, counted from the first, set. */
  Bits128 withOnesFrom(int position) {
    return new Bits128(width, high | highOnes(position), low | lowOnes(position));
  }

  /** Whether the other is the next number of this family. */
  boolean isFollowedBy(Bits128 next) {
    // The last of all has no successor: to wrap around would join the two ends of the space.
    return width == next.width
        && compareTo(next) < 0
        && next.low == low + 1
        && next.high == (low == -1L ? high + 1 : high);
  }

  private long highOnes(int position) {
    return width == 128 && position < 64 ? ones(64 - position) : 0;
  }

  private long lowOnes(int position) {
    return ones(Math.min(64, width - position));
  }

  /** So many ones at the low end. A shift by 64 would be one by 0, hence the case. */
  private static long ones(int count) {
    return count == 0 ? 0 : -1L >>> (64 - count);
  }

  @Override
  public int compareTo(Bits128 other) {
    if (width != other.width) {
      return Integer.compare(width, other.width);
    }
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }
}
