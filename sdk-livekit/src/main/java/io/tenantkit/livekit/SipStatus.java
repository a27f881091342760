package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;

/**
 * How a telephone call ended: a status code of SIP (RFC 3261 §21 and its successors). Immutable.
 *
 * @param code 100 to 699
 */
public record SipStatus(int code) {
  static final int LOWEST = 100;
  static final int HIGHEST = 699;

  /** Checks the bound. */
  public SipStatus {
    if (code < LOWEST || code > HIGHEST) {
      throw new InvalidInputException("code", LOWEST + " to " + HIGHEST);
    }
  }

  /** Somebody else is being spoken with: 486 and 600. */
  public boolean isBusy() {
    return code == 486 || code == 600;
  }

  /** It rang, and nobody took it: 408, 480 and 487. */
  public boolean isUnanswered() {
    return code == 408 || code == 480 || code == 487;
  }

  /** Somebody did not want it: 603, 607 and 608. */
  public boolean isDeclined() {
    return code == 603 || code == 607 || code == 608;
  }

  /** There is no such number: 404, 410, 484 and 604. */
  public boolean isUnknownNumber() {
    return code == 404 || code == 410 || code == 484 || code == 604;
  }

  /** The provider wants other credentials, or does not allow the call: 401, 402, 403 and 407. */
  public boolean isRefused() {
    return code == 401 || code == 402 || code == 403 || code == 407;
  }

  /** The provider, or what lies behind it, failed: 500 to 599. */
  public boolean isProviderFailure() {
    return code / 100 == 5;
  }
}
