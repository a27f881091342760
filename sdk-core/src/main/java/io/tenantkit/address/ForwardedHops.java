package io.tenantkit.address;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hops of a header from the last to the first, each read only when it is asked for: what lies
 * left of an untrusted hop is the client's own writing and is neither parsed nor even split. Not
 * safe for use by several threads.
 *
 * <p>Reading from the right matters for quotes, too: a quote that a client leaves open swallows,
 * for who reads from the left, what a proxy appended.
 */
final class ForwardedHops {
  /** Longer entries are no hops; a proxy's own, with host and protocol, stays far below. */
  private static final int MAX_ENTRY = 1_024;

  private final List<String> values;
  private final boolean forwarded;

  /** The value that is being read, and how much of it is left. */
  private int line;

  private int end;

  ForwardedHops(List<String> values, TrustedProxies.Header header) {
    this.values = values;
    this.forwarded = header == TrustedProxies.Header.FORWARDED;
    this.line = values.size();
    this.end = -1;
  }

  /** The address of the next hop to the left; null when there is none or it is no address. */
  byte @Nullable [] previous() {
    while (end < 0) {
      if (line == 0) {
        return null;
      }
      line--;
      end = values.get(line).length();
    }
    String value = values.get(line);
    int comma = forwarded ? commaOutsideQuotes(value, end) : commaBefore(value, end);
    if (comma < -1) {
      return null;
    }
    String entry = trimmed(value, comma + 1, end);
    end = comma;
    String node = forwarded ? forParameter(entry) : entry;
    return node == null ? null : node(node);
  }

  /** The comma before this position, -1 when there is none, -2 when it is too far away. */
  private static int commaBefore(String value, int end) {
    for (int i = end - 1; i >= 0; i--) {
      if (value.charAt(i) == ',') {
        return i;
      }
      if (end - i > MAX_ENTRY) {
        return -2;
      }
    }
    return -1;
  }

  /** The same, where a comma in a quoted string does not count. */
  private static int commaOutsideQuotes(String value, int end) {
    boolean quoted = false;
    for (int i = end - 1; i >= 0; i--) {
      char c = value.charAt(i);
      if (c == ',' && !quoted) {
        return i;
      }
      if (c == '"' && !(quoted && escaped(value, i))) {
        quoted = !quoted;
      }
      if (end - i > MAX_ENTRY) {
        return -2;
      }
    }
    return quoted ? -2 : -1;
  }

  /** Whether an odd number of backslashes stands before this position. */
  private static boolean escaped(String value, int at) {
    int backslashes = 0;
    while (backslashes < at
        && backslashes < MAX_ENTRY
        && value.charAt(at - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return (backslashes & 1) != 0;
  }

  /**
   * The value of the one {@code for} parameter of a Forwarded element; null without exactly one.
   */
  private static @Nullable String forParameter(String entry) {
    String found = null;
    int at = 0;
    while (at <= entry.length()) {
      int stop = semicolonOutsideQuotes(entry, at);
      String pair = trimmed(entry, at, stop);
      if (pair.regionMatches(true, 0, "for=", 0, 4)) {
        if (found != null) {
          return null;
        }
        found = unquoted(pair.substring(4));
        if (found == null) {
          return null;
        }
      }
      at = stop + 1;
    }
    return found;
  }

  private static int semicolonOutsideQuotes(String entry, int from) {
    boolean quoted = false;
    for (int i = from; i < entry.length(); i++) {
      char c = entry.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ';' && !quoted) {
        return i;
      }
    }
    return entry.length();
  }

  /** What stands in the quotes, or a text without any; no address has an escape in it. */
  private static @Nullable String unquoted(String value) {
    if (!value.startsWith("\"")) {
      return value;
    }
    boolean whole = value.length() >= 2 && value.endsWith("\"");
    String inner = whole ? value.substring(1, value.length() - 1) : "\\";
    return inner.indexOf('\\') >= 0 || inner.indexOf('"') >= 0 ? null : inner;
  }

  /** An address, alone or with a port: {@code a.b.c.d:p}, {@code [v6]}, {@code [v6]:p}, bare v6. */
  private static byte @Nullable [] node(String text) {
    if (text.startsWith("[")) {
      int close = text.indexOf(']');
      if (close < 0 || !portOrNothing(text, close + 1)) {
        return null;
      }
      String inner = text.substring(1, close);
      return inner.indexOf(':') < 0 ? null : AddressText.parse(inner);
    }
    int colon = text.indexOf(':');
    boolean withPort = colon >= 0 && colon == text.lastIndexOf(':');
    if (!withPort) {
      return AddressText.parse(text);
    }
    return portOrNothing(text, colon) ? AddressText.parse(text.substring(0, colon)) : null;
  }

  /** Whether the text from here is empty, or a colon and a port: 1 to 5 digits. */
  private static boolean portOrNothing(String text, int from) {
    if (from == text.length()) {
      return true;
    }
    int digits = text.length() - from - 1;
    if (text.charAt(from) != ':' || digits < 1 || digits > 5) {
      return false;
    }
    for (int i = from + 1; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** Without the spaces and tabs around it, which are all the white space that HTTP has. */
  private static String trimmed(String text, int from, int to) {
    int start = from;
    int stop = to;
    while (start < stop && (text.charAt(start) == ' ' || text.charAt(start) == '\t')) {
      start++;
    }
    while (stop > start && (text.charAt(stop - 1) == ' ' || text.charAt(stop - 1) == '\t')) {
      stop--;
    }
    return text.substring(start, stop);
  }
}
