package io.tenantkit.vault.egress;

import java.net.ConnectException;

/** A socket was about to connect to an address that may not be called. Says nothing else. */
final class BlockedAddressException extends ConnectException {
  private static final long serialVersionUID = 1L;

  BlockedAddressException() {
    super("blocked address");
  }
}
