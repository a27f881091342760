package io.tenantkit.tenant;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

record DefaultTenantContext(
    OrganizationId organization,
    Actor actor,
    Actor principal,
    ScopeSet scopes,
    Set<Environment> environments,
    List<Ceiling> ceilings,
    Optional<HostTransaction> transaction)
    implements TenantContext {

  private static final Set<Environment> EVERYWHERE = Set.copyOf(EnumSet.allOf(Environment.class));

  DefaultTenantContext {
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(actor, "actor");
    Objects.requireNonNull(principal, "principal");
  }

  static TenantContext trusted(OrganizationId organization, Actor actor, Actor principal) {
    return new DefaultTenantContext(
        organization, actor, principal, ScopeSet.all(), EVERYWHERE, List.of(), Optional.empty());
  }

  @Override
  public Environment environment() {
    if (environments.contains(Environment.PRODUCTION)) {
      return Environment.PRODUCTION;
    }
    return environments.contains(Environment.DEVELOPMENT)
        ? Environment.DEVELOPMENT
        : Environment.STAGING;
  }

  @Override
  public TenantContext limitedTo(ScopeSet limit) {
    return new DefaultTenantContext(
        organization,
        actor,
        principal,
        scopes.intersect(limit),
        environments,
        ceilings,
        transaction);
  }

  @Override
  public TenantContext under(Ceiling ceiling) {
    List<Ceiling> all = List.of(ceiling);
    if (!ceilings.isEmpty()) {
      List<Ceiling> more = new ArrayList<>(ceilings);
      more.add(ceiling);
      all = List.copyOf(more);
    }
    return new DefaultTenantContext(
        organization, actor, principal, scopes, environments, all, transaction);
  }

  @Override
  public TenantContext within(Set<Environment> limit) {
    // An immutable set is its own copy, so contexts of one mode share it.
    Set<Environment> reached = Set.copyOf(limit);
    if (!environments.containsAll(reached)) {
      EnumSet<Environment> both = EnumSet.copyOf(environments);
      both.retainAll(reached);
      reached = Set.copyOf(both);
    }
    if (reached.isEmpty()) {
      throw new AccessDeniedException("environment out of reach: " + limit);
    }
    return new DefaultTenantContext(
        organization, actor, principal, scopes, reached, ceilings, transaction);
  }

  @Override
  public TenantContext joining(HostTransaction joined) {
    return new DefaultTenantContext(
        organization, actor, principal, scopes, environments, ceilings, Optional.of(joined));
  }

  @Override
  public void require(Scope scope) {
    if (!scopes.covers(scope)) {
      throw new AccessDeniedException("scope missing: " + scope);
    }
  }

  @Override
  public void require(Environment environment) {
    if (!environments.contains(environment)) {
      throw new AccessDeniedException("environment out of reach: " + environment);
    }
  }

  @Override
  public void requireOwnTransaction(String operation) {
    if (transaction.isPresent()) {
      throw new TenantkitException(
          ErrorCode.JOINED_TRANSACTION_REFUSED,
          operation
              + " is refused inside a joined transaction: a rollback would erase its audit row");
    }
  }
}
