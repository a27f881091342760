package io.tenantkit.vault.egress;

import io.tenantkit.address.AddressList;
import io.tenantkit.address.AddressRange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Which addresses may be called: those that are public by IANA's registries of special-purpose
 * addresses, and the host's own ranges. An IPv6 address that carries an IPv4 address is judged by
 * both. Addresses of clouds' metadata services are never called, whatever a range says. Immutable.
 */
final class AddressGuard {
  /** IANA IPv4 special-purpose registry, multicast and reserved space. */
  private static final AddressList SPECIAL_V4 =
      AddressList.of(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.31.196.0/24",
          "192.52.193.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "192.175.48.0/24",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4");

  /** All of IPv6 that is in use for hosts of the public network; the rest is special. */
  private static final AddressList GLOBAL_V6 = AddressList.of("2000::/3");

  /** IANA IPv6 special-purpose registry, as far as it lies within the public part. */
  private static final AddressList SPECIAL_V6 =
      AddressList.of(
          "2001::/23", // Teredo, benchmarking, ORCHID and all other protocol assignments
          "2001:db8::/32",
          "2002::/16", // 6to4
          "2620:4f:8000::/48",
          "3fff::/20");

  /** Metadata services and what no client may call; no allow-list opens these. */
  private static final AddressList NEVER =
      AddressList.of(
          "0.0.0.0/8",
          "169.254.0.0/16", // AWS, Google, Azure, ECS tasks and EKS pods
          "168.63.129.16", // Azure's wire server
          "192.0.0.192", // Oracle
          "100.100.100.200", // Alibaba
          "fd00:ec2::/32", // AWS
          "fd20:ce::254", // Google
          "fe80::/10",
          "::/128",
          "224.0.0.0/4",
          "255.255.255.255",
          "ff00::/8");

  private static final AddressList LOOPBACK = AddressList.of("127.0.0.0/8", "::1");

  private final List<AddressRange> allowed;
  private final boolean loopback;

  /**
   * @param allowed ranges that may be called beside the public ones
   * @param loopback whether loopback may be
   */
  AddressGuard(Collection<AddressRange> allowed, boolean loopback) {
    this.allowed = List.copyOf(allowed);
    this.loopback = loopback;
  }

  /** Whether this address may be called. */
  boolean admits(InetAddress address) {
    for (byte[] form : forms(address.getAddress())) {
      if (!admits(form)) {
        return false;
      }
    }
    return true;
  }

  /** Whether it is this machine. */
  static boolean isLoopback(InetAddress address) {
    return LOOPBACK.contains(address);
  }

  private boolean admits(byte[] form) {
    if (NEVER.contains(form)) {
      return false;
    }
    boolean open =
        form.length == 4
            ? !SPECIAL_V4.contains(form)
            : GLOBAL_V6.contains(form) && !SPECIAL_V6.contains(form);
    return open
        || (loopback && LOOPBACK.contains(form))
        || allowed.stream().anyMatch(range -> AddressList.of(List.of(range)).contains(form));
  }

  /** The address itself, and the IPv4 addresses that it may carry to somebody on the way. */
  private static List<byte[]> forms(byte[] address) {
    List<byte[]> forms = new ArrayList<>();
    byte[] bytes = address;
    if (bytes.length == 16 && isZero(bytes, 0, 10) && bytes[10] == -1 && bytes[11] == -1) {
      bytes = part(bytes, 12);
    }
    forms.add(bytes);
    if (bytes.length == 4) {
      return forms;
    }
    int first = (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
    int second = (bytes[2] & 0xFF) << 8 | (bytes[3] & 0xFF);
    boolean lowest = isZero(bytes, 0, 12) && !isZero(bytes, 12, 15);
    if (lowest || (isZero(bytes, 0, 8) && bytes[8] == -1 && bytes[9] == -1)) {
      forms.add(part(bytes, 12)); // IPv4-compatible and IPv4-translated
    } else if (first == 0x64 && second == 0xFF9B) {
      forms.add(part(bytes, 12)); // NAT64
      if (!isZero(bytes, 4, 12)) {
        // The local-use prefix is of 48 bits, after which byte 8 is left out (RFC 6052).
        forms.add(new byte[] {bytes[6], bytes[7], bytes[9], bytes[10]});
      }
    } else if (first == 0x2002) {
      forms.add(part(bytes, 2)); // 6to4
    } else if (first == 0x2001 && second == 0) {
      forms.add(part(bytes, 4)); // Teredo: the server, and the client with its bits turned
      byte[] client = part(bytes, 12);
      for (int i = 0; i < client.length; i++) {
        client[i] = (byte) ~client[i];
      }
      forms.add(client);
    }
    boolean isatap =
        (bytes[8] & 0xFD) == 0 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == (byte) 0xFE;
    if (isatap) {
      forms.add(part(bytes, 12));
    }
    return forms;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static byte[] part(byte[] bytes, int from) {
    return Arrays.copyOfRange(bytes, from, from + 4);
  }
}
