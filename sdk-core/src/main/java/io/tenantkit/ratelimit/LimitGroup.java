package io.tenantkit.ratelimit;

import io.tenantkit.spi.Bucket;
import io.tenantkit.tenant.OrganizationId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state that this process has of one subject's limits, by name, so that it survives the key's
 * eviction from caches and a change of the limits' numbers. Guarded by its own monitor; a call
 * takes the key's first and its organization's second.
 *
 * <p>There is one for each cached key, so it is as small as can be: it is its own key in the map of
 * groups, equal to whatever is of the same subject, and what few limits have is found by a walk.
 */
final class LimitGroup {
  private static final Bucket[] NO_BUCKETS = {};

  private final OrganizationId organization;
  private final String subject;
  private List<String> names = List.of();
  private Bucket[] buckets = NO_BUCKETS;
  private @Nullable Map<String, HeldLeases> leases;
  private boolean retired;

  /**
   * A group without state.
   *
   * @param subject the key's family, or empty for the organization's pool
   */
  LimitGroup(OrganizationId organization, String subject) {
    this.organization = organization;
    this.subject = subject;
  }

  OrganizationId organization() {
    return organization;
  }

  String subject() {
    return subject;
  }

  /** Whether it was dropped as idle, so that another has taken its place. Under the monitor. */
  boolean retired() {
    return retired;
  }

  /** Under the monitor. */
  Bucket bucket(String name) {
    for (int i = 0; i < buckets.length; i++) {
      if (names.get(i).equals(name)) {
        return buckets[i];
      }
    }
    List<String> more = new ArrayList<>(names);
    more.add(name);
    names = List.copyOf(more);
    buckets = Arrays.copyOf(buckets, more.size());
    Bucket fresh = new Bucket();
    buckets[more.size() - 1] = fresh;
    return fresh;
  }

  /**
   * Makes the buckets of a subject that has none yet. Under the monitor.
   *
   * @param wanted their names, one list for all who have the same limits
   */
  void begin(List<String> wanted) {
    if (buckets.length == 0) {
      names = wanted;
      buckets = new Bucket[wanted.size()];
      Arrays.setAll(buckets, any -> new Bucket());
    }
  }

  /** Under the monitor. */
  HeldLeases leases(RateLimit limit) {
    if (leases == null) {
      leases = new TreeMap<>();
    }
    return leases.computeIfAbsent(limit.name(), any -> new HeldLeases(limit)).adopt(limit);
  }

  /** Under the monitor. */
  Iterable<HeldLeases> allLeases() {
    return leases == null ? List.of() : leases.values();
  }

  /** Ends its use when a new group would be as good. Under the monitor. */
  boolean retireWhenIdle(long now) {
    retired =
        Arrays.stream(buckets).allMatch(bucket -> bucket.isIdle(now))
            && (leases == null || leases.values().stream().allMatch(HeldLeases::isIdle));
    return retired;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LimitGroup that
        && subject.equals(that.subject)
        && organization.equals(that.organization);
  }

  @Override
  public int hashCode() {
    return 31 * organization.hashCode() + subject.hashCode();
  }
}
