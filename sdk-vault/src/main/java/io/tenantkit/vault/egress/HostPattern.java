package io.tenantkit.vault.egress;

import io.tenantkit.InvalidInputException;
import java.util.Locale;
import java.util.Set;

/**
 * Hosts that a request may go to: each the exact name, or {@code *.} and a name, which stands for
 * one more label and not for the name itself. Stateless.
 */
final class HostPattern {
  private static final int MAX_PATTERNS = 256;
  private static final String WILDCARD = "*.";

  private HostPattern() {}

  /**
   * The patterns in lower case.
   *
   * @throws InvalidInputException when one is not a host, or a wildcard stands above fewer than two
   *     labels
   */
  static Set<String> parse(Set<String> patterns) {
    if (patterns.size() > MAX_PATTERNS) {
      throw new InvalidInputException("allowedHosts", "at most " + MAX_PATTERNS);
    }
    return patterns.stream()
        .map(HostPattern::parse)
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }

  private static String parse(String pattern) {
    String lower = pattern.toLowerCase(Locale.ROOT);
    boolean wild = lower.startsWith(WILDCARD);
    String name = wild ? lower.substring(WILDCARD.length()) : lower;
    if (!TargetUrl.isHost(name) || (wild && (name.indexOf('.') < 0 || TargetUrl.isAddress(name)))) {
      throw new InvalidInputException(
          "allowedHosts", "a host name, or '*.' and a name of two labels or more");
    }
    return lower;
  }

  /** Whether the host, in lower case, is one of them. */
  static boolean anyMatches(Set<String> patterns, String host) {
    int dot = host.indexOf('.');
    return patterns.contains(host)
        || (dot > 0 && !TargetUrl.isAddress(host) && patterns.contains("*" + host.substring(dot)));
  }
}
