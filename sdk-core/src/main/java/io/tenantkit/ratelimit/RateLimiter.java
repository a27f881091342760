package io.tenantkit.ratelimit;

import io.tenantkit.spi.PlaneRuntime;
import java.time.Instant;
import java.util.List;

/**
 * Decides over all limits of a call at once: it is admitted by all of them, or it takes nothing of
 * any. For the key verifier; hosts set limits on keys and organizations. Safe for use by several
 * threads; blocks only when a limit is shared, when a lease is used up, or when there are credits,
 * and then for a bounded time.
 */
public interface RateLimiter {

  /** The limiter of a control plane. It ends its leases when the control plane closes. */
  static RateLimiter of(PlaneRuntime runtime) {
    return DefaultRateLimiter.of(runtime);
  }

  /**
   * The limits of a key, made ready for its calls. What is counted belongs to the subject and not
   * to what this returns: it may be dropped and made again, and another with changed numbers goes
   * on from where the former was.
   *
   * @param key the key's own limits and credits
   * @param pool the limits that all keys of the organization share
   */
  PreparedLimits prepare(LimitSubject subject, Limits key, List<RateLimit> pool);

  /** A time as decisions take it: nanoseconds since 1970, which last until the year 2262. */
  static long nanos(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
  }
}
