package io.tenantkit.vault.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The addresses of a name; may block. A test puts its own in the place of the system's. */
@FunctionalInterface
interface NameLookup {
  /** What the JVM's resolver says. */
  static NameLookup system() {
    return name -> List.of(InetAddress.getAllByName(name));
  }

  /** One address or more. */
  List<InetAddress> addressesOf(String name) throws UnknownHostException;
}
