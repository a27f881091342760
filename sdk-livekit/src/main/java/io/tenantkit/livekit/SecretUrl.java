package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A URL that a tenant's LiveKit server will call, not this library: where a stream goes, where one
 * comes from, a page to record. It may hold a key, as those of RTMP do, and so is kept and printed
 * as a secret. Only its form is checked: printable ASCII, at most {@value #MAX_LENGTH} characters,
 * with a scheme and a host. Safe for use by several threads.
 */
public final class SecretUrl implements AutoCloseable {
  /** The longest URL, in characters. */
  public static final int MAX_LENGTH = 2_048;

  /** Short forms of LiveKit's, in which the key stands where a host would. */
  private static final Set<String> KEY_ALONE = Set.of("mux", "twitch");

  private static final int MAX_SCHEME = 16;

  private final transient SecretValue value;
  private final String scheme;
  private final String host;

  private SecretUrl(SecretValue value, String scheme, String host) {
    this.value = value;
    this.scheme = scheme;
    this.host = host;
  }

  /**
   * A URL from its text.
   *
   * @throws InvalidInputException when it is none; the URL is not in the message
   */
  public static SecretUrl of(String url) {
    String scheme = schemeOf(url);
    if (scheme == null) {
      throw new InvalidInputException(
          "url",
          "a scheme, ://, and a host or key, at most "
              + MAX_LENGTH
              + " printable ASCII characters");
    }
    String host = KEY_ALONE.contains(scheme) ? "" : hostOf(url, scheme.length() + 3);
    return new SecretUrl(SecretValue.of(url), scheme, host);
  }

  /** A URL from a secret, of which a copy is kept. */
  public static SecretUrl of(SecretValue url) {
    return of(url.string(SecretAccess.get()));
  }

  private static @Nullable String schemeOf(String url) {
    int colon = url.indexOf("://");
    if (url.length() > MAX_LENGTH
        || colon < 1
        || colon > MAX_SCHEME
        || url.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      return null;
    }
    String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
    boolean key = KEY_ALONE.contains(scheme);
    boolean behind = key ? url.length() > colon + 3 : !hostOf(url, colon + 3).isEmpty();
    return behind && scheme.chars().allMatch(c -> c >= 'a' && c <= 'z') ? scheme : null;
  }

  /** Without what may stand before an at sign, which is a user and a password. */
  private static String hostOf(String url, int from) {
    int end = from;
    while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
      end++;
    }
    return url.substring(
        url.lastIndexOf('@', end - 1) < from ? from : url.lastIndexOf('@', end - 1) + 1, end);
  }

  /** The scheme, in lower case. */
  public String scheme() {
    return scheme;
  }

  /**
   * This, if its scheme is one of these.
   *
   * @throws InvalidInputException when it is another
   */
  public SecretUrl require(String property, String... schemes) {
    if (!Arrays.asList(schemes).contains(scheme)) {
      throw new InvalidInputException(property, "a URL of " + String.join(", ", schemes));
    }
    return this;
  }

  /** The whole of it. */
  public SecretValue value() {
    return value;
  }

  /** Wipes it. */
  @Override
  public void close() {
    value.close();
  }

  /** Scheme and host; neither user nor path, which may be keys. */
  @Override
  public String toString() {
    return scheme + "://" + host + (host.isEmpty() ? "" : "/") + "…";
  }
}
