package io.tenantkit.ratelimit;

import io.tenantkit.spi.Bucket;
import io.tenantkit.spi.CompactId;
import io.tenantkit.spi.Pace;
import io.tenantkit.tenant.OrganizationId;
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
 * groups, equal to whatever is of the same subject, and the id of that subject is kept as its bits.
 * As long as only one list of limits was used, and only by {@link LocalLimits}, the counts are
 * plain numbers; from then on they are objects.
 */
abstract sealed class LimitGroup {
  /** What the ids of keys begin with. */
  private static final String KEY = "key";

  private static final long[] NO_COUNTS = {};

  private final OrganizationId organization;

  /** Whose buckets are in the counts, in this order. */
  private List<RateLimit> limits = List.of();

  private long[] counts = NO_COUNTS;
  private @Nullable Parts parts;
  private boolean retired;

  private LimitGroup(OrganizationId organization) {
    this.organization = organization;
  }

  /**
   * A group without state.
   *
   * @param subject the key's family, or empty for the organization's pool
   */
  static LimitGroup of(OrganizationId organization, String subject) {
    return CompactId.fits(KEY, subject)
        ? new OfId(organization, CompactId.high(subject), CompactId.low(subject))
        : new OfText(organization, subject);
  }

  /** A group without state of the same subject. */
  abstract LimitGroup fresh();

  final OrganizationId organization() {
    return organization;
  }

  abstract String subject();

  /** Whether it was dropped as idle, so that another has taken its place. Under the monitor. */
  final boolean retired() {
    return retired;
  }

  /** The bucket of this name, which whoever has it may change under the monitor. Under it too. */
  final Bucket bucket(String name) {
    return parts().bucket(name);
  }

  /**
   * Makes the buckets of a subject that has none yet. Under the monitor, before {@link #open}.
   *
   * @param wanted one list for all who have the same limits
   */
  final void begin(List<RateLimit> wanted) {
    if (parts != null || limits == wanted) {
      return;
    }
    if (limits.isEmpty()) {
      limits = wanted;
      counts = new long[Bucket.LONGS * wanted.size()];
      Bucket fresh = new Bucket();
      for (int at = 0; at < counts.length; at += Bucket.LONGS) {
        fresh.save(counts, at);
      }
    } else if (!limits.equals(wanted)) {
      parts();
    }
  }

  /**
   * The bucket of a limit; what is taken of it is taken once it is {@linkplain #keep kept}. Under
   * the monitor.
   *
   * @param number its place among those that the group has {@linkplain #begin begun} with
   */
  final Bucket open(int number, LimitFacts facts) {
    return parts == null
        ? Bucket.load(facts.pace(), counts, Bucket.LONGS * number)
        : parts.bucket(facts.limit().name());
  }

  /** Under the same hold of the monitor as {@link #open}. */
  final void keep(int number, Bucket bucket) {
    if (parts == null) {
      bucket.save(counts, Bucket.LONGS * number);
    }
  }

  /** Under the monitor. */
  final HeldLeases leases(RateLimit limit) {
    return parts().leases(limit);
  }

  /** Under the monitor. */
  final Iterable<HeldLeases> allLeases() {
    return parts == null ? List.of() : parts.leases.values();
  }

  /** Ends its use when a new group would be as good. Under the monitor. */
  final boolean retireWhenIdle(long now) {
    retired = parts == null ? isIdle(now) : parts.isIdle(now);
    return retired;
  }

  private boolean isIdle(long now) {
    boolean idle = true;
    for (int i = 0; i < limits.size(); i++) {
      idle &= load(i).isIdle(now);
    }
    return idle;
  }

  private Bucket load(int number) {
    return Bucket.load(Pace.of(limits.get(number)), counts, Bucket.LONGS * number);
  }

  /** The state as objects, for ever. */
  private Parts parts() {
    Parts made = parts;
    if (made == null) {
      made = new Parts();
      for (int i = 0; i < limits.size(); i++) {
        made.buckets.put(limits.get(i).name(), load(i));
      }
      limits = List.of();
      counts = NO_COUNTS;
      parts = made;
    }
    return made;
  }

  /** The state of a group that different limits, or calls to the storage, work on. */
  private static final class Parts {
    private final Map<String, Bucket> buckets = new TreeMap<>();
    private final Map<String, HeldLeases> leases = new TreeMap<>();

    Bucket bucket(String name) {
      return buckets.computeIfAbsent(name, any -> new Bucket());
    }

    HeldLeases leases(RateLimit limit) {
      return leases.computeIfAbsent(limit.name(), any -> new HeldLeases(limit)).adopt(limit);
    }

    boolean isIdle(long now) {
      return buckets.values().stream().allMatch(bucket -> bucket.isIdle(now))
          && leases.values().stream().allMatch(HeldLeases::isIdle);
    }
  }

  /** Of a key whose id is one of ours, as its bits. */
  private static final class OfId extends LimitGroup {
    private final long high;
    private final long low;

    OfId(OrganizationId organization, long high, long low) {
      super(organization);
      this.high = high;
      this.low = low;
    }

    @Override
    LimitGroup fresh() {
      return new OfId(organization(), high, low);
    }

    @Override
    String subject() {
      return CompactId.text(KEY, high, low);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof OfId that
          && high == that.high
          && low == that.low
          && organization().equals(that.organization());
    }

    @Override
    public int hashCode() {
      return 31 * organization().hashCode() + Long.hashCode(31 * high + low);
    }
  }

  /** Of any other subject. */
  private static final class OfText extends LimitGroup {
    private final String subject;

    OfText(OrganizationId organization, String subject) {
      super(organization);
      this.subject = subject;
    }

    @Override
    LimitGroup fresh() {
      return new OfText(organization(), subject);
    }

    @Override
    String subject() {
      return subject;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof OfText that
          && subject.equals(that.subject)
          && organization().equals(that.organization());
    }

    @Override
    public int hashCode() {
      return 31 * organization().hashCode() + subject.hashCode();
    }
  }
}
