package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SealingKey;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where a version of a secret may be sent: a set of hosts, and the base URL of those who have one.
 * It is bound into the version's ciphertexts, so a destination that was changed in the database
 * does not open; to change it is to put the value again.
 *
 * <p>A host is written in one way only: labels of {@code a-z 0-9 -} that neither begin nor end with
 * a hyphen, of 1 to 63 characters, joined by dots, at most 253 in all; or {@code *.} before at
 * least two such labels, for exactly one label more; or an IPv4 address, or an IPv6 address in
 * brackets, as RFC 5952 writes it. No port, no upper case, no dot at the end. A base URL is {@code
 * https://host[:port][/path]} with a path of {@code A-Z a-z 0-9 . _ ~ -} between single slashes.
 * Immutable.
 */
public final class Destination {
  /** The most hosts. */
  public static final int MAX_HOSTS = 32;

  /** The longest base URL, in characters. */
  public static final int MAX_URL = 2_048;

  private static final Destination NONE = new Destination(new TreeSet<>(), null);
  private static final String BASE = "base ";
  private static final String HOST = "host ";

  private final SortedSet<String> hosts;
  private final @Nullable URI baseUrl;

  private Destination(SortedSet<String> hosts, @Nullable URI baseUrl) {
    this.hosts = Collections.unmodifiableSortedSet(hosts);
    this.baseUrl = baseUrl;
  }

  /** Nowhere: the library sends such a version to no host. */
  public static Destination none() {
    return NONE;
  }

  /** Any of these hosts. */
  public static Destination hosts(String... hosts) {
    return of(new TreeSet<>(List.of(hosts)), Optional.empty());
  }

  /**
   * Any of these hosts and the one of the base URL, which need not be named again.
   *
   * @param hosts at most {@value #MAX_HOSTS}, with the base URL's
   * @throws InvalidInputException when one of them is not exactly of the form above
   */
  public static Destination of(Set<String> hosts, Optional<URI> baseUrl) {
    baseUrl.ifPresent(url -> requireUrl(url, "https"));
    return made(hosts, baseUrl);
  }

  /**
   * A server on this machine, spoken to without TLS: {@code http://} with {@code localhost}, {@code
   * 127.0.0.1} or {@code [::1]}. For development.
   */
  public static Destination insecureLoopback(URI baseUrl) {
    requireUrl(baseUrl, "http");
    return made(Set.of(), Optional.of(baseUrl));
  }

  private static Destination made(Set<String> hosts, Optional<URI> baseUrl) {
    SortedSet<String> all = new TreeSet<>(hosts);
    baseUrl.ifPresent(url -> all.add(url.getHost()));
    if (all.size() > MAX_HOSTS) {
      throw new InvalidInputException("hosts", "at most " + MAX_HOSTS);
    }
    for (String host : all) {
      if (!HostNames.isPattern(host)) {
        throw new InvalidInputException(
            "host", "a host name in lower case, '*.' and one, or an address, without port");
      }
    }
    return new Destination(all, baseUrl.orElse(null));
  }

  private static void requireUrl(URI url, String scheme) {
    String text = url.toString();
    String host = url.getHost();
    boolean ok =
        host != null
            && text.length() <= MAX_URL
            && HostNames.isHost(host)
            && (scheme.equals("https") || HostNames.isLoopback(host))
            && url.getPort() <= 65_535
            && url.getPort() != 0
            && isPath(url.getRawPath())
            // Whatever else the text holds, this does not: user, query, fragment, another spelling.
            && text.equals(
                scheme
                    + "://"
                    + host
                    + (url.getPort() < 0 ? "" : ":" + url.getPort())
                    + url.getRawPath());
    if (!ok) {
      throw new InvalidInputException(
          "baseUrl",
          scheme.equals("https")
              ? "https://host[:port][/path] of at most 2,048 characters"
              : "http:// with localhost, 127.0.0.1 or [::1], [:port] and [/path]");
    }
  }

  private static boolean isPath(@Nullable String path) {
    if (path == null) {
      return false;
    }
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean known =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "._~-/".indexOf(c) >= 0;
      if (!known) {
        return false;
      }
    }
    String closed = path.endsWith("/") ? path : path + "/";
    return !closed.contains("//") && !closed.contains("/./") && !closed.contains("/../");
  }

  /** The hosts and patterns, the base URL's among them. */
  public SortedSet<String> hosts() {
    return hosts;
  }

  /** The base URL, if there is one. */
  public Optional<URI> baseUrl() {
    return Optional.ofNullable(baseUrl);
  }

  /** Whether it names no host. */
  public boolean isNone() {
    return hosts.isEmpty();
  }

  /** Whether this host is one of them; one that is not written as above never is. */
  public boolean allows(String host) {
    if (!HostNames.isHost(host)) {
      return false;
    }
    int dot = host.indexOf('.');
    return hosts.contains(host)
        || (dot > 0 && !HostNames.isAddress(host) && hosts.contains("*" + host.substring(dot)));
  }

  /**
   * The text that is stored and bound into the ciphertexts: a line for each host in ASCII order,
   * then one for the base URL; empty for {@link #none()}.
   */
  public String canonical() {
    StringBuilder text = new StringBuilder();
    hosts.forEach(host -> text.append(HOST).append(host).append('\n'));
    if (baseUrl != null) {
      text.append(BASE).append(baseUrl).append('\n');
    }
    return text.toString();
  }

  /**
   * The destination with this text.
   *
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CIPHERTEXT_REJECTED}
   *     when no destination has it: no vault wrote it
   */
  public static Destination stored(String canonical) {
    if (canonical.isEmpty()) {
      return NONE;
    }
    SortedSet<String> hosts = new TreeSet<>();
    @Nullable URI base = null;
    try {
      for (String line : canonical.split("\n", -1)) {
        if (line.startsWith(HOST)) {
          hosts.add(line.substring(HOST.length()));
        } else if (line.startsWith(BASE)) {
          base = URI.create(line.substring(BASE.length()));
          requireUrl(base, "http".equals(base.getScheme()) ? "http" : "https");
        }
      }
      Destination read = made(hosts, Optional.ofNullable(base));
      if (read.canonical().equals(canonical)) {
        return read;
      }
    } catch (IllegalArgumentException | InvalidInputException e) {
      // The same answer as for every other text that no vault wrote.
      throw SealingKey.rejected();
    }
    throw SealingKey.rejected();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Destination that && canonical().equals(that.canonical());
  }

  @Override
  public int hashCode() {
    return canonical().hashCode();
  }

  @Override
  public String toString() {
    return "Destination" + hosts + (baseUrl == null ? "" : " " + baseUrl);
  }
}
