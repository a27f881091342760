package io.tenantkit.address;

import io.tenantkit.InvalidInputException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The proxies whose word the host takes for where a request came from, and the one header in which
 * they write it. Immutable.
 *
 * <p>The header must be one that every one of these proxies sets or appends to: the other is passed
 * on as the client sent it. Name the proxies themselves, not the network that clients share with
 * them; a client that is taken for a proxy may claim any address.
 */
public final class TrustedProxies {

  /** A header in which proxies tell where a request came from. */
  public enum Header {
    /** {@code X-Forwarded-For: client, proxy1}. */
    X_FORWARDED_FOR("X-Forwarded-For"),
    /** {@code Forwarded: for=client, for=proxy1} (RFC 7239). */
    FORWARDED("Forwarded");

    private final String fieldName;

    Header(String fieldName) {
      this.fieldName = fieldName;
    }

    /** The header's name in HTTP. */
    public String fieldName() {
      return fieldName;
    }
  }

  private static final TrustedProxies NONE = new TrustedProxies(Optional.empty(), noRanges());

  private final Optional<Header> header;
  private final AddressList proxies;

  private TrustedProxies(Optional<Header> header, AddressList proxies) {
    this.header = header;
    this.proxies = proxies;
  }

  /** No proxy: the address is the socket's, whatever headers say. */
  public static TrustedProxies none() {
    return NONE;
  }

  /**
   * These proxies, which tell where a request came from in this header.
   *
   * @param ranges 1 to {@value AddressList#MAX_SIZE} ranges as {@link AddressRange#parse} reads
   *     them; none with the prefix length 0, because what anybody may write is nobody's word
   */
  public static TrustedProxies of(Header header, String... ranges) {
    Objects.requireNonNull(header, "header");
    AddressList proxies = AddressList.parse(Arrays.asList(ranges));
    if (proxies.isAnywhere()
        || proxies.ranges().stream().anyMatch(range -> range.prefixLength() == 0)) {
      throw new InvalidInputException(
          "trustedProxies", "1 to 64 ranges, none with the prefix length 0");
    }
    return new TrustedProxies(Optional.of(header), proxies);
  }

  /** The header to hand to {@link ClientAddress#of}; empty when no proxy is trusted. */
  public Optional<Header> header() {
    return header;
  }

  /** Whether an address is a proxy's whose word is taken. */
  public boolean trust(InetAddress address) {
    return header.isPresent() && proxies.contains(address);
  }

  /** Unused behind an empty header; the address of nobody. */
  private static AddressList noRanges() {
    return AddressList.of("0.0.0.0");
  }

  /** The header and the ranges, for people. */
  @Override
  public String toString() {
    return header.map(name -> name.name().toLowerCase(Locale.ROOT) + " " + proxies).orElse("none");
  }
}
