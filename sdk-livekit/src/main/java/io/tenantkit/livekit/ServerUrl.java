package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where a LiveKit server listens: {@code ws}, {@code wss}, {@code http} or {@code https} with a
 * host, perhaps a port and a plain path; no user, query or fragment. At most {@value #MAX_LENGTH}
 * printable ASCII characters (RFC 3986; an international host name in its {@code xn--} form).
 *
 * <p>Only the form is checked here: whether the host may be reached at all is decided where
 * somebody connects. Immutable.
 *
 * @param value the URL as it was given
 */
public record ServerUrl(String value) {
  /** The longest URL, in characters. */
  public static final int MAX_LENGTH = 2_048;

  /**
   * Checks the URL.
   *
   * @throws InvalidInputException when it is not such a URL; the URL itself is not in the message,
   *     as somebody may have put a password into it
   */
  public ServerUrl {
    if (value.length() > MAX_LENGTH || !valid(value)) {
      throw new InvalidInputException(
          "serverUrl",
          "ws, wss, http or https URL with a host, without user, query or fragment, at most "
              + MAX_LENGTH
              + " printable ASCII characters");
    }
  }

  /** The server of this URL. */
  public static ServerUrl of(String value) {
    return new ServerUrl(value);
  }

  /**
   * The URL for signalling, which is what LiveKit's clients connect to: {@code ws} or {@code wss},
   * without a slash at its end.
   */
  public String webSocket() {
    return (secure() ? "wss" : "ws") + afterScheme();
  }

  /**
   * The URL for the server's HTTP API: {@code http} or {@code https}, without a slash at its end.
   */
  public String http() {
    return (secure() ? "https" : "http") + afterScheme();
  }

  /**
   * The one form that all ways to write this server have in common: without the scheme, the host in
   * lower case, without a port that some scheme has by itself, without slashes at the end.
   */
  String canonical() {
    URI uri = URI.create(value);
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    int end = host.length();
    while (end > 1 && host.charAt(end - 1) == '.') {
      end--;
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    int pathEnd = path.length();
    while (pathEnd > 0 && path.charAt(pathEnd - 1) == '/') {
      pathEnd--;
    }
    int port = uri.getPort();
    return host.substring(0, end)
        + (port == -1 || port == 80 || port == 443 ? "" : ":" + port)
        + path.substring(0, pathEnd);
  }

  /** Whether the connection is encrypted: {@code wss} or {@code https}. */
  public boolean secure() {
    return schemeIs(value, "wss") || schemeIs(value, "https");
  }

  private String afterScheme() {
    int end = value.length();
    while (value.charAt(end - 1) == '/') {
      end--;
    }
    return value.substring(value.indexOf(':'), end);
  }

  private static boolean valid(String value) {
    // java.net.URI lets characters beyond ASCII pass in places where other parsers see a host.
    if (value.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '\\' || c == '%')) {
      return false;
    }
    if (!schemeIs(value, "ws")
        && !schemeIs(value, "wss")
        && !schemeIs(value, "http")
        && !schemeIs(value, "https")) {
      return false;
    }
    try {
      URI uri = new URI(value).parseServerAuthority();
      return uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && (uri.getPort() == -1 ? !uri.getRawAuthority().endsWith(":") : portOk(uri.getPort()))
          && uri.normalize().equals(uri);
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean portOk(int port) {
    return port >= 1 && port <= 65_535;
  }

  /** Ignores case by ASCII alone, so that a host with a Turkish locale reads WSS as others do. */
  private static boolean schemeIs(String value, String scheme) {
    return value.regionMatches(true, 0, scheme, 0, scheme.length())
        && value.startsWith("://", scheme.length());
  }

  /** The URL as it was given. */
  @Override
  public String toString() {
    return value;
  }
}
