package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.address.AddressRange;

/** The one way in which a {@link Destination} writes hosts. Stateless. */
final class HostNames {
  private static final int MAX_NAME = 253;
  private static final int MAX_LABEL = 63;
  private static final String WILDCARD = "*.";

  private HostNames() {}

  /** A host, or a pattern for one label before at least two. */
  static boolean isPattern(String text) {
    if (!text.startsWith(WILDCARD)) {
      return isHost(text);
    }
    String rest = text.substring(WILDCARD.length());
    return text.length() <= MAX_NAME && rest.indexOf('.') > 0 && isName(rest);
  }

  static boolean isHost(String text) {
    return isName(text) || isAddress(text);
  }

  /** IPv4, or IPv6 in brackets, in the form that it would be printed in. */
  static boolean isAddress(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]") && text.length() > 2;
    if (!bracketed && (text.isEmpty() || !isDigit(text.charAt(text.length() - 1)))) {
      return false;
    }
    String address = bracketed ? text.substring(1, text.length() - 1) : text;
    try {
      AddressRange parsed = AddressRange.parse(address);
      return parsed.isIpv6() == bracketed && parsed.toString().equals(address);
    } catch (InvalidInputException e) {
      return false;
    }
  }

  static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
  }

  private static boolean isName(String text) {
    if (text.isEmpty() || text.length() > MAX_NAME) {
      return false;
    }
    String[] labels = text.split("\\.", -1);
    for (String label : labels) {
      if (!isLabel(label)) {
        return false;
      }
    }
    // Where the last label begins with a digit, some would read an address in another notation.
    return !isDigit(labels[labels.length - 1].charAt(0));
  }

  private static boolean isLabel(String label) {
    if (label.isEmpty()
        || label.length() > MAX_LABEL
        || label.charAt(0) == '-'
        || label.charAt(label.length() - 1) == '-') {
      return false;
    }
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      if (!((c >= 'a' && c <= 'z') || isDigit(c) || c == '-')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
