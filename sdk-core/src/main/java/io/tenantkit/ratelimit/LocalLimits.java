package io.tenantkit.ratelimit;

import io.tenantkit.spi.Bucket;
import java.util.List;
import java.util.Map;

/**
 * Limits that this process counts alone, as most are: decided under the monitors of the key's group
 * and of its organization's, and small, for there is one for each cached key.
 */
final class LocalLimits extends PreparedLimits {
  private final LimitShape shape;
  private volatile LimitGroup own;
  private volatile LimitGroup pool;

  LocalLimits(LimitSubject subject, LimitShape shape) {
    this.shape = shape;
    this.own =
        shape.limiter().ownGroup(LimitGroup.of(subject.organization(), subject.family()), shape);
    this.pool = shape.limiter().poolGroup(own, shape);
  }

  @Override
  public List<LimitStatus> standing(long nowNanos, long cost, Map<String, Long> costs) {
    return decided(nowNanos, cost, costs, false).statuses();
  }

  @Override
  LimitDecision decided(long now, long cost, Map<String, Long> costs) {
    return decided(now, cost, costs, true);
  }

  private LimitDecision decided(long now, long cost, Map<String, Long> costs, boolean takes) {
    if (shape.facts().isEmpty()) {
      return LimitDecision.UNLIMITED;
    }
    while (true) {
      LimitGroup first = own;
      LimitGroup second = pool;
      synchronized (first) {
        synchronized (second) {
          if (!first.retired() && !second.retired()) {
            return decide(first, second, now, cost, costs, takes);
          }
        }
      }
      // Dropped as idle meanwhile; what takes its place is as good.
      own = shape.limiter().ownGroup(first.fresh(), shape);
      pool = shape.limiter().poolGroup(own, shape);
    }
  }

  /** Under both monitors. */
  private LimitDecision decide(
      LimitGroup first,
      LimitGroup second,
      long now,
      long cost,
      Map<String, Long> costs,
      boolean takes) {
    int ofKey = shape.key().rates().size();
    if (ofKey > 0) {
      first.begin(shape.key().rates());
    }
    if (!shape.pool().isEmpty()) {
      second.begin(shape.pool());
    }
    List<LimitFacts> facts = shape.facts();
    Bucket[] buckets = new Bucket[facts.size()];
    long[] numbers = new long[3 * facts.size()];
    boolean admitted = true;
    for (int i = 0; i < facts.size(); i++) {
      LimitFacts each = facts.get(i);
      long wanted = costs.isEmpty() ? cost : costs.getOrDefault(each.limit().name(), cost);
      numbers[3 * i] = wanted;
      buckets[i] = i < ofKey ? first.open(i, each) : second.open(i - ofKey, each);
      admitted &= buckets[i].admits(each.pace(), now, wanted);
    }
    for (int i = 0; i < facts.size(); i++) {
      LimitFacts each = facts.get(i);
      Bucket bucket = buckets[i];
      if (admitted && takes) {
        bucket.take(each.pace(), now, numbers[3 * i]);
        if (i < ofKey) {
          first.keep(i, bucket);
        } else {
          second.keep(i - ofKey, bucket);
        }
        // An admitted call's own cost is behind it; what is left to tell is the rest.
        numbers[3 * i] = 0;
      }
      numbers[3 * i + 1] = bucket.backlogNanos(each.pace(), now);
      numbers[3 * i + 2] = bucket.backlogRest(each.pace(), now);
    }
    return new LimitDecision(admitted, facts, numbers);
  }
}
