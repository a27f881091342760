package io.tenantkit.jdbc;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;

/** The same refusal on every database that row level security gives on PostgreSQL. */
final class Owned {
  private Owned() {}

  /** Demands that a row to be written belongs to the caller's organization. */
  static void require(TenantContext context, OrganizationId owner) {
    if (!context.organization().equals(owner)) {
      throw new AccessDeniedException("a row of another organization");
    }
  }
}
