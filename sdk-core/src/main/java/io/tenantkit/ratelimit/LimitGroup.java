package io.tenantkit.ratelimit;

import io.tenantkit.spi.Bucket;
import io.tenantkit.tenant.OrganizationId;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state that this process has of one subject's limits, by name, so that it survives the key's
 * eviction from caches and a change of the limits' numbers. Guarded by its own monitor; a call
 * takes the key's first and its organization's second.
 */
final class LimitGroup {
  /**
   * Whose state it is.
   *
   * @param subject the key's family, or empty for the organization's pool
   */
  record Id(OrganizationId organization, String subject) {}

  private final Id id;
  private final Map<String, Bucket> buckets = new TreeMap<>();
  private final Map<String, HeldLeases> leases = new TreeMap<>();
  private boolean retired;

  LimitGroup(Id id) {
    this.id = id;
  }

  Id id() {
    return id;
  }

  /** Whether it was dropped as idle, so that another has taken its place. Under the monitor. */
  boolean retired() {
    return retired;
  }

  /** Under the monitor. */
  Bucket bucket(String name) {
    return buckets.computeIfAbsent(name, any -> new Bucket());
  }

  /** Under the monitor. */
  HeldLeases leases(RateLimit limit) {
    return leases.computeIfAbsent(limit.name(), any -> new HeldLeases(limit)).adopt(limit);
  }

  /** Under the monitor. */
  Iterable<HeldLeases> allLeases() {
    return leases.values();
  }

  /** Ends its use when a new group would be as good. Under the monitor. */
  boolean retireWhenIdle(long now) {
    retired =
        buckets.values().stream().allMatch(bucket -> bucket.isIdle(now))
            && leases.values().stream().allMatch(HeldLeases::isIdle);
    return retired;
  }
}
