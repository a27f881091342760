package io.tenantkit.address;

import java.net.InetAddress;
import java.util.List;

/**
 * From where a key may be presented.
 *
 * @param ranges CIDR texts; none for anywhere
 */
public record AddressList(List<String> ranges) {
  public AddressList {
    ranges = List.copyOf(ranges);
  }

  /** From anywhere. */
  public static AddressList anywhere() {
    return new AddressList(List.of());
  }

  /** From these ranges. */
  public static AddressList of(String... ranges) {
    return new AddressList(List.of(ranges));
  }

  /** Whether it allows every address. */
  public boolean isAnywhere() {
    return ranges.isEmpty();
  }

  /** Whether the address is in one of the ranges. */
  public boolean contains(InetAddress address) {
    return isAnywhere();
  }

  /** Whether every address of the other is one of these. */
  public boolean covers(AddressList other) {
    return isAnywhere() || ranges.containsAll(other.ranges) && !other.isAnywhere();
  }

  /** The ranges as texts. */
  public List<String> toList() {
    return ranges;
  }
}
