package io.tenantkit.vault.integration;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * A base URL that a tenant gives, read so strictly that no two parsers can disagree on it: https, a
 * lower case host name of ASCII labels or a dotted address, a port, plain path segments; no user,
 * no query, no escapes. Whether the host may be called at all is for the guarded client to say.
 */
final class BaseUrl {
  private static final String LABEL = "abcdefghijklmnopqrstuvwxyz0123456789-";

  private BaseUrl() {}

  /**
   * The URL with scheme https and without a trailing slash.
   *
   * @param socket whether {@code wss} may stand for https
   */
  static Optional<URI> parse(String text, boolean socket) {
    String rest;
    if (text.length() > TemplateField.MAX_URL) {
      return Optional.empty();
    } else if (text.startsWith("https://")) {
      rest = text.substring("https://".length());
    } else if (socket && text.startsWith("wss://")) {
      rest = text.substring("wss://".length());
    } else {
      return Optional.empty();
    }
    int slash = rest.indexOf('/');
    String authority = slash < 0 ? rest : rest.substring(0, slash);
    String path = slash < 0 ? "" : rest.substring(slash);
    String bare = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    if (!isAuthority(authority) || !isPath(bare)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new URI("https://" + authority + bare));
    } catch (URISyntaxException e) {
      // Its message quotes the text.
      return Optional.empty();
    }
  }

  private static boolean isAuthority(String authority) {
    int colon = authority.indexOf(':');
    String host = colon < 0 ? authority : authority.substring(0, colon);
    return isHost(host) && (colon < 0 || isPort(authority.substring(colon + 1)));
  }

  private static boolean isPort(String digits) {
    return !digits.isEmpty()
        && digits.length() <= 5
        && digits.charAt(0) != '0'
        && digits.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(digits) <= 65_535;
  }

  static boolean isHost(String host) {
    if (host.isEmpty() || host.length() > 253) {
      return false;
    }
    String[] labels = host.split("\\.", -1);
    for (String label : labels) {
      if (label.isEmpty()
          || label.length() > 63
          || label.startsWith("-")
          || label.endsWith("-")
          || !label.chars().allMatch(c -> LABEL.indexOf(c) >= 0)) {
        return false;
      }
    }
    // A last label that begins with a digit is a number to some parsers, and then an address.
    char last = labels[labels.length - 1].charAt(0);
    return last < '0' || last > '9' || isDottedAddress(labels);
  }

  private static boolean isDottedAddress(String[] labels) {
    if (labels.length != 4) {
      return false;
    }
    for (String label : labels) {
      boolean octet =
          label.length() <= 3
              && label.chars().allMatch(c -> c >= '0' && c <= '9')
              && (label.length() == 1 || label.charAt(0) != '0')
              && Integer.parseInt(label) <= 255;
      if (!octet) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPath(String path) {
    if (path.isEmpty()) {
      return true;
    }
    for (String segment : path.substring(1).split("/", -1)) {
      if (!isSegment(segment)) {
        return false;
      }
    }
    return true;
  }

  /** A segment that stands for itself in every parser. */
  static boolean isSegment(String segment) {
    return !segment.isEmpty()
        && !segment.equals(".")
        && !segment.equals("..")
        && segment.chars().allMatch(BaseUrl::ofSegments);
  }

  private static boolean ofSegments(int c) {
    return (c >= 'A' && c <= 'Z') || LABEL.indexOf(c) >= 0 || c == '.' || c == '_' || c == '~';
  }
}
