package io.tenantkit.ratelimit;

import io.tenantkit.InvalidInputException;
import java.util.List;
import java.util.Map;

/**
 * The limits of one key, ready for its calls: {@link RateLimiter#prepare} makes it once, and no
 * call looks anything up. Safe for use by several threads; calls of different keys do not get in
 * each other's way, but for the limits that their organization's keys share.
 */
public abstract sealed class PreparedLimits permits LocalLimits, StoredLimits {
  PreparedLimits() {}

  /**
   * How the limits stand, without taking or asking anything: of those that the storage counts no
   * more is told than that they were not asked.
   *
   * @param cost what a call wants to take, and
   * @param costs of single limits; what is told of each is whether it would let that call go on
   */
  public abstract List<LimitStatus> standing(long nowNanos, long cost, Map<String, Long> costs);

  /**
   * Decides on a call.
   *
   * @param nowNanos the control plane's time, as {@link RateLimiter#nanos} has it
   * @param cost what the call takes of each limit and of the credits; zero takes nothing and is
   *     always admitted, more than a limit's burst never is
   */
  public final LimitDecision decide(long nowNanos, long cost) {
    return decide(nowNanos, cost, Map.of());
  }

  /**
   * Decides on a call.
   *
   * @param costs by a limit's name, or {@code credits}, what the call takes of it instead
   * @throws InvalidInputException when a cost is negative
   */
  public final LimitDecision decide(long nowNanos, long cost, Map<String, Long> costs) {
    if (cost < 0 || (!costs.isEmpty() && costs.values().stream().anyMatch(each -> each < 0))) {
      throw new InvalidInputException("cost", "zero or more");
    }
    return decided(nowNanos, cost, costs);
  }

  abstract LimitDecision decided(long now, long cost, Map<String, Long> costs);
}
