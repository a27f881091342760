package io.tenantkit.oidc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.ExternalOrganizationStore.Tenant;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

final class DefaultExternalOrganizations implements ExternalOrganizations {
  private static final int MAX_CACHED = 10_000;

  /** How often a row is read again that was overtaken by the bound before it arrived. */
  private static final int READS = 3;

  /** Reading takes longer than the least bounds, and reading again would too. */
  private static final long LEAST_MILLIS = 100;

  private record Pair(String issuer, String externalId) {}

  /** An answer, nothing included, and when it was asked for. */
  private record Entry(Optional<Tenant> tenant, long askedAt) {}

  private final PlaneRuntime runtime;
  private final ExternalOrganizationStore store;
  private final long staleMillis;
  private final Cache<Pair, Entry> cache = Caffeine.newBuilder().maximumSize(MAX_CACHED).build();

  /** Counts changes, so that what was read before one is not cached after it. */
  private final AtomicLong epoch = new AtomicLong();

  DefaultExternalOrganizations(PlaneRuntime runtime) {
    this.runtime = runtime;
    this.store = runtime.coreStores().externalOrganizations();
    this.staleMillis = Math.max(LEAST_MILLIS, runtime.revocationBound().toMillis());
  }

  @Override
  public ExternalOrganization register(
      Operator operator, OrganizationId organization, String issuer, String externalId) {
    Instant now = runtime.now();
    ExternalOrganization added =
        new ExternalOrganization(
            runtime.ids().next("ext"),
            organization,
            issuer,
            externalId,
            operator.actor().id(),
            now);
    try {
      store.insert(
          operator,
          added,
          event(operator, organization, now, "organization.login_registered", issuer, externalId));
      return added;
    } finally {
      changed(operator, new Pair(issuer, externalId));
    }
  }

  @Override
  public void unregister(
      Operator operator, OrganizationId organization, String issuer, String externalId) {
    Instant now = runtime.now();
    AuditEvent event =
        event(operator, organization, now, "organization.login_unregistered", issuer, externalId);
    try {
      if (!store.delete(operator, organization, issuer, externalId, event)) {
        throw new NotFoundException("external organization");
      }
    } finally {
      changed(operator, new Pair(issuer, externalId));
    }
  }

  @Override
  public Page<ExternalOrganization> list(
      Operator operator, OrganizationId organization, PageRequest page) {
    return page.page(
        store.list(operator, organization, page.afterId(), page.limit() + 1),
        ExternalOrganization::id);
  }

  /**
   * Whose pair it is, no older than the revocation bound, also when the look-up was slow or the
   * process was stopped meanwhile: then it is looked up again, a few times at most.
   */
  Optional<Tenant> find(String issuer, String externalId) {
    Pair pair = new Pair(issuer, externalId);
    @Nullable Entry entry = cache.getIfPresent(pair);
    if (entry == null || ageMillis(entry) >= runtime.revocationBound().toMillis()) {
      entry = read(pair);
      for (int reads = 1; reads < READS && ageMillis(entry) >= staleMillis; reads++) {
        entry = read(pair);
      }
    }
    return entry.tenant();
  }

  private Entry read(Pair pair) {
    long before = epoch.get();
    long now = runtime.clock().millis();
    Entry entry = new Entry(store.lookup(pair.issuer(), pair.externalId()), now);
    cache.put(pair, entry);
    if (epoch.get() != before) {
      cache.invalidate(pair);
    }
    return entry;
  }

  private long ageMillis(Entry entry) {
    return runtime.clock().millis() - entry.askedAt();
  }

  void organizationChanged(OrganizationId organization) {
    epoch.incrementAndGet();
    cache
        .asMap()
        .values()
        .removeIf(
            entry -> entry.tenant().filter(t -> t.organization().equals(organization)).isPresent());
  }

  /** Now, since the outcome may be unknown, and again when the host has committed. */
  private void changed(Operator operator, Pair pair) {
    operator.transaction().ifPresent(joined -> joined.afterCommit(() -> evict(pair)));
    evict(pair);
  }

  private void evict(Pair pair) {
    epoch.incrementAndGet();
    cache.invalidate(pair);
  }

  private AuditEvent event(
      Operator operator,
      OrganizationId organization,
      Instant at,
      String action,
      String issuer,
      String externalId) {
    return runtime
        .event(operator, organization, at, action)
        .with(Map.of("issuer", issuer, "external_id", externalId));
  }
}
