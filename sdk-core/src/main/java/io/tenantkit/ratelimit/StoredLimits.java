package io.tenantkit.ratelimit;

import java.util.List;
import java.util.Map;

/** Limits some of which the storage counts, or leases. */
final class StoredLimits extends PreparedLimits {
  private final DefaultRateLimiter limiter;
  private final LimitSubject subject;
  private final LimitShape shape;
  private volatile BoundLimits bound;

  StoredLimits(DefaultRateLimiter limiter, LimitSubject subject, LimitShape shape) {
    this.limiter = limiter;
    this.subject = subject;
    this.shape = shape;
    this.bound = limiter.bind(subject, shape);
  }

  @Override
  public List<LimitStatus> standing(long nowNanos, long cost, Map<String, Long> costs) {
    return bound.standing(nowNanos, cost, costs);
  }

  @Override
  LimitDecision decided(long now, long cost, Map<String, Long> costs) {
    while (true) {
      LimitDecision decision = bound.decide(now, cost, costs);
      if (decision != null) {
        return decision;
      }
      // Its state was dropped as idle meanwhile; what takes its place is as good.
      bound = limiter.bind(subject, shape);
    }
  }
}
