package io.tenantkit.address;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The address that a request came from. Stateless; asks no DNS and never throws for what a header
 * holds.
 */
public final class ClientAddress {
  /** More trusted hops than any real chain has. */
  private static final int MAX_HOPS = 32;

  private ClientAddress() {}

  /**
   * The address of the last hop that is not a trusted proxy. That is the socket's, unless the
   * socket's is a trusted proxy: then what that proxy wrote, which is the header's last entry, and
   * so on to the left for as long as the entries are trusted proxies themselves. What an untrusted
   * hop claims, which is everything left of its own address, is never looked at, however it is
   * formed.
   *
   * <p>Where the chain ends before an untrusted hop, because the header is missing, holds trusted
   * proxies only, has an entry that is not an address (RFC 7239 allows {@code unknown} and hidden
   * names), or more than {@value #MAX_HOPS} of them, the answer is the last trusted proxy that was
   * reached.
   *
   * @param socket the peer of the connection
   * @param values the values of the header that {@link TrustedProxies#header} names, one for each
   *     field line in the order received; not used without trusted proxies
   * @return never an IPv4-mapped IPv6 address
   */
  public static InetAddress of(InetAddress socket, List<String> values, TrustedProxies proxies) {
    InetAddress reached = AddressText.address(AddressText.unmapped(socket.getAddress()));
    Optional<TrustedProxies.Header> header = proxies.header();
    if (header.isEmpty() || !proxies.trust(reached)) {
      return reached;
    }
    ForwardedHops hops = new ForwardedHops(values, header.get());
    for (int i = 0; i < MAX_HOPS && proxies.trust(reached); i++) {
      byte[] hop = hops.previous();
      if (hop == null) {
        return reached;
      }
      reached = AddressText.address(hop);
    }
    return reached;
  }
}
