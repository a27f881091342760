package io.tenantkit.examples.tokenservice;

import java.net.InetAddress;
import java.util.function.Predicate;

/**
 * What one client may hold of a {@link HttpFront}.
 *
 * @param perAddress how many connections at the same time; of IPv6 the first 64 bits are one
 *     address
 * @param shared whose connections are many clients': a proxy's, which are not counted
 * @param headerMillis how long the head of a request may take, from its first byte on
 */
record ConnectionLimits(int perAddress, Predicate<InetAddress> shared, long headerMillis) {
  private static final int PER_ADDRESS = 200;
  private static final long HEADER_MILLIS = 10_000;

  /** As the service runs; programs of this machine, and a proxy on it, are not counted. */
  static ConnectionLimits standard(Predicate<InetAddress> proxies) {
    return new ConnectionLimits(
        PER_ADDRESS, proxies.or(InetAddress::isLoopbackAddress), HEADER_MILLIS);
  }
}
