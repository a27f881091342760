package io.tenantkit.tenant;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.PlaneRuntime;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

final class DefaultOrganizations implements Organizations {
  private final PlaneRuntime runtime;
  private final OrganizationStore store;
  private final Consumer<OrganizationId> changed;

  DefaultOrganizations(PlaneRuntime runtime, Consumer<OrganizationId> changed) {
    this.runtime = runtime;
    this.store = runtime.coreStores().organizations();
    this.changed = changed;
  }

  @Override
  public Organization create(
      Operator operator, OrganizationId id, String name, OrganizationSettings settings) {
    runtime.plans().require(settings.plan());
    Instant now = runtime.now();
    Organization created =
        new Organization(id, name, Organization.Status.ACTIVE, settings, now, now, 1);
    store.insert(
        operator,
        created,
        runtime
            .event(operator, id, now, "organization.created")
            .with(Map.of("name", name, "plan", settings.plan())));
    return created;
  }

  @Override
  public Organization get(Operator operator, OrganizationId id) {
    return store.find(operator, id).orElseThrow(() -> new NotFoundException("organization"));
  }

  @Override
  public Organization get(TenantContext context) {
    return store.find(context).orElseThrow(() -> new NotFoundException("organization"));
  }

  @Override
  public Page<Organization> list(Operator operator, PageRequest page) {
    return page.page(
        store.list(operator, page.afterId(), page.limit() + 1), row -> row.id().value());
  }

  @Override
  public Organization rename(Operator operator, OrganizationId id, String name) {
    return change(
        operator,
        id,
        "organization.renamed",
        Map.of("name", name),
        (before, now) -> before.name().equals(name) ? before : before.withName(name, now));
  }

  @Override
  public Organization configure(
      Operator operator, OrganizationId id, OrganizationSettings settings) {
    runtime.plans().require(settings.plan());
    return change(
        operator,
        id,
        "organization.configured",
        Map.of("plan", settings.plan()),
        (before, now) ->
            before.settings().equals(settings) ? before : before.withSettings(settings, now));
  }

  @Override
  public Organization suspend(Operator operator, OrganizationId id) {
    return setStatus(operator, id, Organization.Status.SUSPENDED, "organization.suspended");
  }

  @Override
  public Organization activate(Operator operator, OrganizationId id) {
    return setStatus(operator, id, Organization.Status.ACTIVE, "organization.activated");
  }

  private Organization setStatus(
      Operator operator, OrganizationId id, Organization.Status status, String action) {
    return change(
        operator,
        id,
        action,
        Map.of(),
        (before, now) -> before.status() == status ? before : before.withStatus(status, now));
  }

  /** A change that answers the very same object when there is nothing to change. */
  private Organization change(
      Operator operator,
      OrganizationId id,
      String action,
      Map<String, String> details,
      BiFunction<Organization, Instant, Organization> change) {
    Organization before = get(operator, id);
    try {
      Instant now = runtime.now();
      Organization after = change.apply(before, now);
      if (after.version() == before.version()) {
        return before;
      }
      AuditEvent event = runtime.event(operator, id, now, action).with(details);
      if (!store.update(operator, after, before.version(), event)) {
        throw ConflictException.stale("organization");
      }
      operator.transaction().ifPresent(joined -> joined.afterCommit(() -> changed.accept(id)));
      return after;
    } finally {
      // Also when another node had changed it already, which the caller is told and then counts
      // on, or when the connection broke while committing.
      changed.accept(id);
    }
  }
}
