package io.tenantkit.examples.tokenservice;

import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.tenant.OrganizationId;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The service's own limit, the same for each subject. Safe for use by several threads. */
final class Throttle {
  /**
   * Addresses share this many counts, so that whoever has a great many of them fills no memory. Who
   * shares one with whom depends on a number that nobody knows.
   */
  private static final int SLOTS = 1 << 18;

  private final RateLimiter limiter;
  private final Limits limits;
  private final Clock clock;
  private final byte[] salt = new byte[16];

  Throttle(ControlPlane plane, RateLimit limit) {
    this.limiter = RateLimiter.of(plane.runtime());
    this.clock = plane.runtime().clock();
    this.limits = Limits.of(limit);
    new SecureRandom().nextBytes(salt);
  }

  LimitDecision take(LimitSubject subject) {
    return limiter
        .prepare(subject, limits, List.of())
        .decide(RateLimiter.nanos(clock.instant()), 1);
  }

  /** Of IPv6 the first 64 bits, which is the least that one client is given. */
  LimitSubject client(OrganizationId organization, InetAddress address) {
    byte[] bytes = address.getAddress();
    MessageDigest sha256 = sha256();
    sha256.update(salt);
    sha256.update(bytes, 0, bytes.length == 16 ? 8 : bytes.length);
    int slot = ByteBuffer.wrap(sha256.digest()).getInt() & (SLOTS - 1);
    return new LimitSubject(organization, "client-" + slot);
  }

  /** 429, with the headers that say when to come again. */
  static HttpAnswer refusal(LimitDecision decision) {
    return HttpAnswer.of(
        new Verdict.Refused(
            Set.of(Verdict.Reason.RATE_LIMITED),
            List.of(),
            decision.statuses(),
            Optional.empty(),
            Optional.empty()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
