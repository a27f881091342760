package io.tenantkit.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tenantkit.NotFoundException;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What organizations ask of their keys, remembered for no longer than the revocation bound counted
 * from before it was read, so that a key is created without a read in the steady state. Safe for
 * use by several threads.
 */
final class KeyPolicies {
  private static final long MAX_ORGANIZATIONS = 10_000;

  private record Known(KeyPolicy policy, long readAtMillis) {}

  private final OrganizationStore store;
  private final Clock clock;
  private final long boundMillis;
  private final Cache<OrganizationId, Known> known =
      Caffeine.newBuilder().maximumSize(MAX_ORGANIZATIONS).build();

  /** Moves with every eviction, so that what was read before one is not kept after it. */
  private final AtomicLong epoch = new AtomicLong();

  KeyPolicies(PlaneRuntime runtime) {
    this.store = runtime.coreStores().organizations();
    this.clock = runtime.clock();
    this.boundMillis = runtime.revocationBound().toMillis();
  }

  /**
   * The policy of the caller's organization. Inside a joined transaction it is read, for the host
   * may have changed it there.
   *
   * @throws NotFoundException when there is no such organization
   */
  KeyPolicy of(TenantContext context) {
    if (context.transaction().isPresent()) {
      return read(context);
    }
    OrganizationId organization = context.organization();
    Known there = known.getIfPresent(organization);
    long now = clock.millis();
    if (there != null && now - there.readAtMillis < boundMillis) {
      return there.policy;
    }
    long before = epoch.get();
    KeyPolicy policy = read(context);
    Known fresh = new Known(policy, now);
    known.put(organization, fresh);
    if (epoch.get() != before) {
      // Whoever evicts moves the epoch first: either it removes this, or this is removed here.
      known.asMap().remove(organization, fresh);
    }
    return policy;
  }

  private KeyPolicy read(TenantContext context) {
    Organization organization =
        store.find(context).orElseThrow(() -> new NotFoundException("organization"));
    return organization.settings().keys();
  }

  void evict(OrganizationId organization) {
    epoch.incrementAndGet();
    known.invalidate(organization);
  }
}
