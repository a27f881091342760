package io.tenantkit.address;

import io.tenantkit.InvalidInputException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * From where a key may be used: {@link #anywhere}, or 1 to {@value #MAX_SIZE} ranges. Immutable and
 * safe for use by several threads. As a list of texts, no text means anywhere.
 */
public final class AddressList {
  /** The most ranges one list may hold. */
  public static final int MAX_SIZE = 64;

  private static final AddressList ANYWHERE = new AddressList(List.of());

  private final List<AddressRange> ranges;

  /**
   * Where the addresses covered begin and end, in order and apart by at least one address: the
   * first, the last, the first, the last…
   */
  private final Bits128[] bounds;

  private AddressList(List<AddressRange> ranges) {
    this.ranges = ranges;
    this.bounds = bounds(ranges);
  }

  /** No restriction. */
  public static AddressList anywhere() {
    return ANYWHERE;
  }

  /**
   * The ranges with these texts; {@link #anywhere} when there are none.
   *
   * @throws InvalidInputException when one is malformed or there are more than {@value #MAX_SIZE}
   */
  public static AddressList parse(Collection<String> texts) {
    if (texts.size() > MAX_SIZE) {
      throw tooMany();
    }
    return of(texts.stream().map(AddressRange::parse).toList());
  }

  /** The ranges with these texts; {@link #anywhere} when there are none. */
  public static AddressList of(String... texts) {
    return parse(Arrays.asList(texts));
  }

  /** These ranges; {@link #anywhere} when there are none. */
  public static AddressList of(Collection<AddressRange> ranges) {
    if (ranges.isEmpty()) {
      return ANYWHERE;
    }
    List<AddressRange> sorted = List.copyOf(new TreeSet<>(ranges));
    if (sorted.size() > MAX_SIZE) {
      throw tooMany();
    }
    return new AddressList(sorted);
  }

  /** Whether there is no restriction. */
  public boolean isAnywhere() {
    return ranges.isEmpty();
  }

  /** The ranges in order, without repeats; none when there is no restriction. */
  public List<AddressRange> ranges() {
    return ranges;
  }

  /** The ranges' canonical texts in order, which {@link #of(String...)} reads. */
  public List<String> toList() {
    return ranges.stream().map(AddressRange::toString).toList();
  }

  /** Whether a caller at this address is admitted. */
  public boolean contains(InetAddress address) {
    return ranges.isEmpty() || containsBits(Bits128.of(address.getAddress()));
  }

  /**
   * Whether a caller at this address is admitted.
   *
   * @param address its 4 or 16 bytes
   * @throws InvalidInputException for another number of bytes
   */
  public boolean contains(byte[] address) {
    if (address.length != 4 && address.length != 16) {
      throw new InvalidInputException("address", "4 or 16 bytes");
    }
    return ranges.isEmpty() || containsBits(Bits128.of(address));
  }

  /**
   * Whether every address that the other list admits is admitted here, be it by several ranges
   * together. Only anywhere covers anywhere.
   */
  public boolean covers(AddressList other) {
    if (ranges.isEmpty() || other.ranges.isEmpty()) {
      return ranges.isEmpty();
    }
    for (int i = 0; i < other.bounds.length; i += 2) {
      int at = indexOf(other.bounds[i]);
      if (at < 0 || bounds[at + 1].compareTo(other.bounds[i + 1]) < 0) {
        return false;
      }
    }
    return true;
  }

  private boolean containsBits(Bits128 bits) {
    return indexOf(bits) >= 0;
  }

  /** Where in the bounds the part begins that holds this address, or less than 0. */
  private int indexOf(Bits128 bits) {
    int at = Arrays.binarySearch(bounds, bits);
    // Found is a bound itself; else what lies just before an odd position lies within a part.
    int before = at >= 0 ? at : -at - 2;
    if (at < 0 && (before & 1) != 0) {
      return -1;
    }
    return before & ~1;
  }

  private static Bits128[] bounds(List<AddressRange> sorted) {
    List<Bits128> bounds = new ArrayList<>();
    for (AddressRange range : sorted) {
      int end = bounds.size() - 1;
      boolean apart =
          bounds.isEmpty()
              || (bounds.get(end).compareTo(range.first()) < 0
                  && !bounds.get(end).isFollowedBy(range.first()));
      if (apart) {
        bounds.add(range.first());
        bounds.add(range.last());
      } else if (bounds.get(end).compareTo(range.last()) < 0) {
        bounds.set(end, range.last());
      }
    }
    return bounds.toArray(Bits128[]::new);
  }

  private static InvalidInputException tooMany() {
    return new InvalidInputException("addresses", "at most " + MAX_SIZE + " ranges");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AddressList that && ranges.equals(that.ranges);
  }

  @Override
  public int hashCode() {
    return ranges.hashCode();
  }

  /** The ranges' texts, or {@code anywhere}. */
  @Override
  public String toString() {
    return ranges.isEmpty() ? "anywhere" : ranges.toString();
  }
}
