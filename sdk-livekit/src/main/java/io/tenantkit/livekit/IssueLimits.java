package io.tenantkit.livekit;

import io.tenantkit.RateLimitedException;
import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens may be issued: to an organization, and to each identity in each room. Safe for
 * use by several threads; blocks only for limits that nodes share.
 */
final class IssueLimits {
  /** What is counted beside the limits of API keys, whose subjects are ids. */
  private static final String ALL = "livekit-tokens";

  private static final String EACH = "livekit-token-";
  private static final int HASH_BYTES = 18;
  private static final int MOST_PREPARED = 10_000;
  private static final long NANOS_IN_MILLI = 1_000_000;

  private record Prepared(Limits limits, PreparedLimits ready) {}

  private final PlaneRuntime runtime;
  private final Map<OrganizationId, Prepared> prepared = new ConcurrentHashMap<>();
  private volatile @Nullable RateLimiter limiter;

  IssueLimits(PlaneRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * Takes one token of all limits, the identity's first.
   *
   * @throws RateLimitedException when one refuses
   */
  void take(
      OrganizationId organization,
      Environment environment,
      TokenPolicy policy,
      TokenSpec spec,
      long nowMillis) {
    if (!policy.subjectIssueLimits().isEmpty()) {
      String subject = subject(environment, spec);
      require(
          limiter()
              .prepare(
                  new LimitSubject(organization, subject), policy.subjectIssueLimits(), List.of()),
          "tokens of this identity in this room",
          nowMillis);
    }
    if (!policy.issueLimits().isEmpty()) {
      require(ofOrganization(organization, policy.issueLimits()), "tokens", nowMillis);
    }
  }

  private PreparedLimits ofOrganization(OrganizationId organization, Limits limits) {
    Prepared known = prepared.get(organization);
    if (known == null || !known.limits().equals(limits)) {
      if (prepared.size() >= MOST_PREPARED) {
        // What was counted is the limiter's, so nothing is lost.
        prepared.clear();
      }
      known =
          new Prepared(
              limits, limiter().prepare(new LimitSubject(organization, ALL), limits, List.of()));
      prepared.put(organization, known);
    }
    return known.ready();
  }

  private static void require(PreparedLimits limits, String what, long nowMillis) {
    LimitDecision decision = limits.decide(nowMillis * NANOS_IN_MILLI, 1);
    if (!decision.admitted()) {
      throw new RateLimitedException(what, decision.retryAfter().orElse(Duration.ZERO));
    }
  }

  /** Bounded and printable, whatever the names are. */
  private static String subject(Environment environment, TokenSpec spec) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(environment.name().getBytes(StandardCharsets.UTF_8));
      hash.update((byte) 0);
      hash.update(spec.identity().getBytes(StandardCharsets.UTF_8));
      // Names have no control characters, so no two pairs give one text.
      hash.update((byte) 0);
      byte[] digest = hash.digest(spec.room().getBytes(StandardCharsets.UTF_8));
      return EACH
          + Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(java.util.Arrays.copyOf(digest, HASH_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Made with the first limit, since it works in the background. */
  private RateLimiter limiter() {
    RateLimiter made = limiter;
    if (made == null) {
      synchronized (prepared) {
        made = limiter;
        if (made == null) {
          made = RateLimiter.of(runtime);
          limiter = made;
        }
      }
    }
    return made;
  }
}
