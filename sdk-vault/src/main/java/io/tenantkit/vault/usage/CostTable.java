package io.tenantkit.vault.usage;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.SecretUsageBatch.Cost;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * What hosts reported of costs until it is written, summed by secret, unit and day; at most {@value
 * #MOST} sums. Safe for use by several threads.
 */
final class CostTable {
  /** How many sums may wait. */
  static final int MOST = 20_000;

  /** Sums stop here rather than begin again below zero. */
  private static final long CAP = 1_000_000_000_000_000_000L;

  /** Of what a sum is. */
  record Key(
      OrganizationId organization,
      String secret,
      Environment environment,
      Instant day,
      String unit,
      String currency) {}

  private final Map<Key, Cost> sums = new ConcurrentHashMap<>();

  /** Whether it was added; not when too many sums wait. */
  boolean add(OrganizationId organization, Secret secret, ReportedUnits units, Instant at) {
    Instant day = UsageGrain.DAY.start(at);
    Key key =
        new Key(
            organization,
            secret.id().value(),
            secret.ref().environment(),
            day,
            units.unit(),
            units.currency());
    if (sums.size() >= MOST && !sums.containsKey(key)) {
      return false;
    }
    sums.merge(key, cost(key, units), CostTable::plus);
    return true;
  }

  private static Cost cost(Key key, ReportedUnits units) {
    return new Cost(
        key.secret(),
        key.environment(),
        key.day(),
        key.unit(),
        key.currency(),
        units.amount(),
        units.costMicros(),
        1);
  }

  /** Both together; of the same key. */
  static Cost plus(Cost one, Cost other) {
    return new Cost(
        one.secret(),
        one.environment(),
        one.day(),
        one.unit(),
        one.currency(),
        Math.min(CAP, one.amount() + other.amount()),
        Math.min(CAP, one.costMicros() + other.costMicros()),
        one.reports() + other.reports());
  }

  /** Hands over each sum once. */
  void drain(BiConsumer<Key, Cost> to) {
    for (Key key : sums.keySet()) {
      // What is added meanwhile is in what is removed, or begins a new sum.
      Cost sum = sums.remove(key);
      if (sum != null) {
        to.accept(key, sum);
      }
    }
  }
}
