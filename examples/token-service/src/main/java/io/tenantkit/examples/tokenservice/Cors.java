package io.tenantkit.examples.tokenservice;

import io.tenantkit.InvalidInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whose pages browsers let call the service, and read what it answers (the Fetch standard's CORS
 * protocol). Credentials that browsers send by themselves are never allowed: the service knows
 * none. Immutable.
 *
 * @param origins those that may; empty for all
 */
record Cors(Set<String> origins) {
  static final Cors ANY = new Cors(Set.of());

  private static final Pattern ORIGIN =
      Pattern.compile("https?://([a-z0-9.-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");
  private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

  Cors {
    origins = Set.copyOf(origins);
  }

  /** {@code *}, or origins with commas between them. */
  static Cors parse(String text) {
    if (text.strip().equals("*")) {
      return ANY;
    }
    Set<String> origins =
        Arrays.stream(text.split(",", -1))
            .map(part -> part.strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    if (origins.stream().anyMatch(origin -> !ORIGIN.matcher(origin).matches())) {
      throw new InvalidInputException(
          "CORS_ORIGINS", "* or origins as https://app.example.com, with commas between them");
    }
    return new Cors(origins);
  }

  private boolean allows(String origin) {
    return origins.isEmpty() || origins.contains(origin);
  }

  /** What an answer says, whatever it is. */
  Map<String, String> headers(Optional<String> origin) {
    Map<String, String> headers = new LinkedHashMap<>();
    if (origins.isEmpty()) {
      headers.put(ALLOW_ORIGIN, "*");
    } else {
      // Also without the header: a cache must not hand one page's answer to another.
      headers.put("Vary", "Origin");
      origin.filter(this::allows).ifPresent(from -> headers.put(ALLOW_ORIGIN, from));
    }
    headers.put("Access-Control-Expose-Headers", "RateLimit, RateLimit-Policy, Retry-After");
    return headers;
  }

  /**
   * What a browser is told that asks first; empty when its page may not.
   *
   * @param methods of the route
   */
  Optional<Map<String, String>> preflight(String origin, String methods) {
    if (!allows(origin)) {
      return Optional.empty();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(ALLOW_ORIGIN, origins.isEmpty() ? "*" : origin);
    headers.put("Access-Control-Allow-Methods", methods);
    headers.put("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key");
    headers.put("Access-Control-Max-Age", "600");
    headers.put("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    return Optional.of(headers);
  }
}
