package io.tenantkit.ratelimit;

import io.tenantkit.ratelimit.LimitStatus.Of;
import io.tenantkit.ratelimit.RateLimit.Mode;
import io.tenantkit.spi.Pace;
import java.util.ArrayList;
import java.util.List;

/**
 * What subjects with equal limits share, so that each keeps its counts alone. Immutable.
 *
 * @param limiter whose subjects they are
 * @param key the key's limits
 * @param pool the organization's
 * @param facts of each, the key's first
 */
record LimitShape(
    DefaultRateLimiter limiter, Limits key, List<RateLimit> pool, List<LimitFacts> facts) {
  /** What shapes are told apart by. */
  record Wanted(Limits key, List<RateLimit> pool) {}

  LimitShape {
    facts = List.copyOf(facts);
  }

  static LimitShape of(DefaultRateLimiter limiter, Wanted wanted) {
    List<LimitFacts> facts = new ArrayList<>();
    wanted.key().rates().forEach(rate -> facts.add(new LimitFacts(rate, Pace.of(rate), Of.KEY)));
    wanted.pool().forEach(rate -> facts.add(new LimitFacts(rate, Pace.of(rate), Of.ORGANIZATION)));
    return new LimitShape(limiter, wanted.key(), wanted.pool(), facts);
  }

  /** Whether the limit of this number counts in the key's own group. */
  boolean isOwn(int number) {
    return number < key.rates().size();
  }

  /** Whether no call needs the storage. */
  boolean isLocal() {
    return key.credits().isEmpty()
        && facts.stream().allMatch(each -> each.limit().mode() == Mode.LOCAL);
  }
}
