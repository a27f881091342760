package io.tenantkit.vault.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.address.AddressRange;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * A URL read once: what is judged here is the very object that is sent. The text is read more
 * strictly than any HTTP client does, because where two parsers differ (user information,
 * backslashes, odd numbers, other alphabets, dot segments) one would be shown a harmless host and
 * the other would call a harmful one. Immutable.
 */
final class TargetUrl {
  private static final int MAX_LENGTH = 2_048;
  private static final int MAX_HOST = 253;
  private static final String NOT_IN_URLS = "\\\"<>^`{|}#";
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");
  private static final Set<String> DOTS = Set.of(".", "..", "%2e", "%2e.", ".%2e", "%2e%2e");

  private final HttpUrl url;
  private final String host;

  private TargetUrl(HttpUrl url, String host) {
    this.url = url;
    this.host = host;
  }

  /**
   * The URL with this text.
   *
   * @throws EgressException with {@link EgressFailure#BLOCKED_URL}, naming the rule and not the
   *     text
   */
  static TargetUrl parse(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      throw blocked("1 to " + MAX_LENGTH + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c > '~' || NOT_IN_URLS.indexOf(c) >= 0) {
        throw blocked("only characters that a URL may hold, without a fragment");
      }
    }
    String lower = text.toLowerCase(Locale.ROOT);
    boolean https = lower.startsWith("https://");
    if (!https && !lower.startsWith("http://")) {
      throw blocked("https only");
    }
    int from = https ? 8 : 7;
    int end = from;
    while (end < text.length() && "/?".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    String authority = lower.substring(from, end);
    if (authority.indexOf('@') >= 0) {
      throw blocked("no user information");
    }
    int colon = authority.startsWith("[") ? authority.indexOf("]:") + 1 : authority.indexOf(':');
    String host = colon > 0 ? authority.substring(0, colon) : authority;
    if (colon > 0 && !isPort(authority.substring(colon + 1))) {
      throw blocked("the port is a number of 1 to 65535");
    }
    if (!isHost(host)) {
      throw blocked("the host is a name in ASCII or an address in its plain form");
    }
    requireNoDots(text.substring(end));
    HttpUrl url = HttpUrl.parse(text);
    if (url == null || !sameHost(url.host(), host) || url.isHttps() != https) {
      throw blocked("read differently by two parsers");
    }
    return new TargetUrl(url, url.host());
  }

  /** Whether it is a name of letters, digits and hyphens, or an address in its plain form. */
  static boolean isHost(String host) {
    if (host.isEmpty() || host.length() > MAX_HOST) {
      return false;
    }
    if (isAddress(host)) {
      return true;
    }
    String[] labels = host.split("\\.", -1);
    for (String label : labels) {
      if (!LABEL.matcher(label).matches()) {
        return false;
      }
    }
    // Whatever ends in a number is an address to most parsers, and each has a way of its own.
    return !NUMBER.matcher(labels[labels.length - 1]).matches();
  }

  /** Whether it is an IPv4 address, or an IPv6 address in brackets. */
  static boolean isAddress(String host) {
    boolean v6 = host.startsWith("[") && host.endsWith("]");
    if (host.indexOf(':') >= 0 != v6 || host.indexOf('/') >= 0) {
      return false;
    }
    try {
      AddressRange.parse(v6 ? host.substring(1, host.length() - 1) : host);
      return true;
    } catch (InvalidInputException e) {
      return false;
    }
  }

  private static boolean isPort(String text) {
    return PORT.matcher(text).matches() && Integer.parseInt(text) <= 65_535;
  }

  /** Dot segments would be resolved on the way, so that a path rule would judge another path. */
  private static void requireNoDots(String pathAndQuery) {
    int query = pathAndQuery.indexOf('?');
    String path = query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
    for (String segment : path.toLowerCase(Locale.ROOT).split("/", -1)) {
      if (DOTS.contains(segment)) {
        throw blocked("no dot segments");
      }
    }
  }

  private static boolean sameHost(String parsed, String host) {
    if (!host.startsWith("[")) {
      return parsed.equals(host);
    }
    // An IPv6 address has many texts: compared as addresses.
    return AddressRange.parse(parsed)
        .equals(AddressRange.parse(host.substring(1, host.length() - 1)));
  }

  static EgressException blocked(String rule) {
    return new EgressException(EgressFailure.BLOCKED_URL, rule);
  }

  HttpUrl url() {
    return url;
  }

  /** In lower case; an IPv6 address without brackets. */
  String host() {
    return host;
  }

  /** The address, when the host is one. */
  @Nullable AddressRange literal() {
    String text = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return isAddress(text) ? AddressRange.parse(host) : null;
  }

  boolean isHttps() {
    return url.isHttps();
  }

  int port() {
    return url.port();
  }

  /** Scheme, host and port: paths and queries may hold secrets. */
  @Override
  public String toString() {
    return url.scheme() + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port();
  }
}
