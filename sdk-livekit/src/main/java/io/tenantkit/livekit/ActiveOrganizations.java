package io.tenantkit.livekit;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.NotFoundException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.TenantContext;

/** Organizations for which something may be done. */
final class ActiveOrganizations {
  private final PlaneRuntime runtime;

  ActiveOrganizations(PlaneRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * The context's organization.
   *
   * @throws NotFoundException when there is none
   * @throws AccessDeniedException when it is suspended
   */
  Organization require(TenantContext context) {
    Organization organization = find(context);
    requireActive(organization);
    return organization;
  }

  /**
   * The context's organization, suspended or not.
   *
   * @throws NotFoundException when there is none
   */
  Organization find(TenantContext context) {
    return runtime
        .coreStores()
        .organizations()
        .find(context)
        .orElseThrow(() -> new NotFoundException("organization"));
  }

  /**
   * @throws AccessDeniedException when the organization is suspended
   */
  static void requireActive(Organization organization) {
    if (organization.status() != Organization.Status.ACTIVE) {
      throw new AccessDeniedException("organization is suspended");
    }
  }
}
