package io.tenantkit.memory;

import io.tenantkit.NotFoundException;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.spi.LimitRows;
import io.tenantkit.spi.LimitRows.CreditRow;
import io.tenantkit.spi.LimitRows.LimitRow;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Rate limits and credits. */
final class MemoryRateLimits implements RateLimitStore {
  private record LimitKey(OrganizationId organization, String subject, String name)
      implements Comparable<LimitKey> {
    @Override
    public int compareTo(LimitKey other) {
      int first = organization.compareTo(other.organization);
      int second = first != 0 ? first : subject.compareTo(other.subject);
      return second != 0 ? second : name.compareTo(other.name);
    }
  }

  private record Keyed(LimitKey key, LimitRow row) {}

  private final MemoryEngine engine;
  private final Predicate<OrganizationId> exists;
  private final MemoryTable<LimitKey, Keyed> limits;
  private final MemoryTable<RowKey, CreditRow> credits;

  /**
   * Tables of this storage.
   *
   * @param exists whether there is such an organization, asked within a verb
   */
  MemoryRateLimits(MemoryEngine engine, Predicate<OrganizationId> exists) {
    this.engine = engine;
    this.exists = exists;
    this.limits = engine.table();
    this.credits = engine.table();
  }

  private final class OneOrganization implements LimitRows.Rows {
    private final OrganizationId organization;

    OneOrganization(OrganizationId organization) {
      this.organization = organization;
    }

    @Override
    public @Nullable LimitRow limit(String subject, RateLimit limit) {
      Keyed found = limits.get(new LimitKey(organization, subject, limit.name()));
      return found == null ? null : found.row();
    }

    @Override
    public void save(String subject, LimitRow row) {
      LimitKey key = new LimitKey(organization, subject, row.limit().name());
      limits.put(key, new Keyed(key, row));
    }

    @Override
    public @Nullable CreditRow credits(String subject) {
      return credits.get(new RowKey(organization, subject));
    }

    @Override
    public void save(String subject, CreditRow row) {
      credits.put(new RowKey(organization, subject), row);
    }
  }

  @Override
  public Answer take(
      OrganizationId organization,
      List<Take> takes,
      Optional<Spend> spend,
      Lease lease,
      Instant now) {
    return engine.run(
        () -> {
          if (!exists.test(organization)) {
            throw new NotFoundException("organization");
          }
          return LimitRows.take(
              new OneOrganization(organization), takes, spend, lease, RateLimiter.nanos(now));
        });
  }

  @Override
  public void end(String node, List<Ended> ended, Instant now) {
    engine.run(
        () -> {
          ended.forEach(
              each ->
                  LimitRows.end(
                      new OneOrganization(each.organization()),
                      node,
                      each,
                      RateLimiter.nanos(now)));
          return true;
        });
  }

  @Override
  public int removeIdle(int most, Instant now) {
    return engine.run(
        () -> {
          List<LimitKey> idle =
              limits.all().stream()
                  .filter(each -> LimitRows.isIdle(each.row(), RateLimiter.nanos(now)))
                  .limit(most)
                  .map(Keyed::key)
                  .toList();
          idle.forEach(limits::remove);
          return idle.size();
        });
  }
}
