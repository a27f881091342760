package io.tenantkit.http;

import io.tenantkit.ratelimit.LimitStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code RateLimit-Policy}, {@code RateLimit} and {@code Retry-After}, as structured fields (RFC
 * 9651). Stateless.
 */
final class RateLimitFields {
  static final String RETRY_AFTER = "Retry-After";
  private static final String POLICY = "RateLimit-Policy";
  private static final String LIMIT = "RateLimit";

  /** The greatest Integer of RFC 9651. */
  private static final long MAX_INTEGER = 999_999_999_999_999L;

  /** What is longer than this never comes: no limit takes ten thousand years to refill. */
  private static final Duration NEVER = Duration.ofDays(3_652_500);

  private RateLimitFields() {}

  static Map<String, String> ofAdmitted(List<LimitStatus> limits) {
    Map<String, String> headers = new LinkedHashMap<>();
    put(headers, limits, limit -> Optional.of(limit.resetAfter()));
    return Collections.unmodifiableMap(headers);
  }

  static Map<String, String> ofRefused(List<LimitStatus> limits) {
    Map<String, String> headers = new LinkedHashMap<>();
    retryAfter(limits).ifPresent(wait -> headers.put(RETRY_AFTER, Long.toString(wait)));
    put(headers, limits, limit -> Optional.of(limit.retryAfter()).filter(wait -> refuses(limit)));
    return headers;
  }

  /** Whether this limit stands in the way. */
  static boolean refuses(LimitStatus limit) {
    return !limit.retryAfter().isZero() && !limit.retryAfter().isNegative();
  }

  /** The name of a limit, which tells an organization's from a key's. */
  static String policy(LimitStatus limit) {
    return limit.of() == LimitStatus.Of.ORGANIZATION
        ? "organization." + limit.name()
        : limit.name();
  }

  /** Whole seconds, rounded up; empty when the time never comes. */
  static Optional<Long> seconds(Duration duration) {
    if (duration.compareTo(NEVER) > 0) {
      return Optional.empty();
    }
    long whole = Math.max(0, duration.getSeconds());
    boolean rest = !duration.isNegative() && duration.getNano() > 0;
    return Optional.of(rest ? whole + 1 : whole);
  }

  /** The number within what a field can hold. */
  static long bounded(long number) {
    return Math.max(0, Math.min(number, MAX_INTEGER));
  }

  /** How long to wait for all that refuse; empty when one of them never admits. */
  private static Optional<Long> retryAfter(List<LimitStatus> limits) {
    long longest = 1;
    for (LimitStatus limit : limits) {
      Optional<Long> wait = seconds(limit.retryAfter());
      if (wait.isEmpty()) {
        return Optional.empty();
      }
      longest = Math.max(longest, wait.get());
    }
    return Optional.of(longest);
  }

  private interface Reset {
    Optional<Duration> of(LimitStatus limit);
  }

  private static void put(Map<String, String> headers, List<LimitStatus> limits, Reset reset) {
    List<String> policies = new ArrayList<>();
    List<String> states = new ArrayList<>();
    for (LimitStatus limit : limits) {
      String name = string(policy(limit));
      StringBuilder policy = new StringBuilder(name).append(";q=").append(bounded(limit.limit()));
      // A window of zero is not allowed in the field; a budget without refill has none.
      seconds(limit.window()).filter(w -> w > 0).ifPresent(w -> policy.append(";w=").append(w));
      policies.add(policy.toString());
      if (limit.remaining() >= 0) {
        StringBuilder state = new StringBuilder(name).append(";r=");
        state.append(bounded(limit.remaining()));
        reset
            .of(limit)
            .flatMap(RateLimitFields::seconds)
            .ifPresent(t -> state.append(";t=").append(t));
        states.add(state.toString());
      }
    }
    if (!policies.isEmpty()) {
      headers.put(POLICY, String.join(", ", policies));
    }
    if (!states.isEmpty()) {
      headers.put(LIMIT, String.join(", ", states));
    }
  }

  /** A String of RFC 9651, which has printable ASCII only; the rest is percent-encoded UTF-8. */
  private static String string(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b == '"' || b == '\\') {
        quoted.append('\\').append((char) b);
      } else if (b >= ' ' && b <= '~') {
        quoted.append((char) b);
      } else {
        quoted.append(String.format(Locale.ROOT, "%%%02X", b & 0xFF));
      }
    }
    return quoted.append('"').toString();
  }
}
