package io.tenantkit.ratelimit;

import io.tenantkit.spi.Bucket;
import java.util.List;
import java.util.Map;

/**
 * Limits that this process counts alone, as most are: decided under the monitors of the key's group
 * and of its organization's, and small, for there is one for each cached key.
 */
final class LocalLimits extends PreparedLimits {
  private final DefaultRateLimiter limiter;
  private final LimitShape shape;
  private volatile LimitGroup own;
  private volatile LimitGroup pool;

  LocalLimits(DefaultRateLimiter limiter, LimitSubject subject, LimitShape shape) {
    this.limiter = limiter;
    this.shape = shape;
    LimitGroup whose = new LimitGroup(subject.organization(), subject.family());
    this.own = limiter.ownGroup(whose, shape);
    this.pool = limiter.poolGroup(own, shape);
  }

  @Override
  LimitDecision decided(long now, long cost, Map<String, Long> costs) {
    if (shape.facts().isEmpty()) {
      return LimitDecision.UNLIMITED;
    }
    while (true) {
      LimitGroup first = own;
      LimitGroup second = pool;
      synchronized (first) {
        synchronized (second) {
          if (!first.retired() && !second.retired()) {
            return decide(first, second, now, cost, costs);
          }
        }
      }
      // Dropped as idle meanwhile; what takes its place is as good.
      own = limiter.ownGroup(first, shape);
      pool = limiter.poolGroup(own, shape);
    }
  }

  /** Under both monitors. */
  private LimitDecision decide(
      LimitGroup first, LimitGroup second, long now, long cost, Map<String, Long> costs) {
    if (!shape.keyNames().isEmpty()) {
      first.begin(shape.keyNames());
    }
    if (!shape.poolNames().isEmpty()) {
      second.begin(shape.poolNames());
    }
    List<LimitFacts> facts = shape.facts();
    long[] numbers = new long[3 * facts.size()];
    boolean admitted = true;
    for (int i = 0; i < facts.size(); i++) {
      LimitFacts each = facts.get(i);
      long wanted = costs.isEmpty() ? cost : costs.getOrDefault(each.limit().name(), cost);
      numbers[3 * i] = wanted;
      admitted &= bucket(first, second, i).admits(each.pace(), now, wanted);
    }
    for (int i = 0; i < facts.size(); i++) {
      LimitFacts each = facts.get(i);
      Bucket bucket = bucket(first, second, i);
      if (admitted) {
        bucket.take(each.pace(), now, numbers[3 * i]);
        // An admitted call's own cost is behind it; what is left to tell is the rest.
        numbers[3 * i] = 0;
      }
      numbers[3 * i + 1] = bucket.backlogNanos(each.pace(), now);
      numbers[3 * i + 2] = bucket.backlogRest(each.pace(), now);
    }
    return new LimitDecision(admitted, facts, numbers);
  }

  private Bucket bucket(LimitGroup first, LimitGroup second, int number) {
    LimitGroup group = shape.isOwn(number) ? first : second;
    return group.bucket(shape.facts().get(number).limit().name());
  }
}
