package io.tenantkit.oidc;

import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.OrganizationId;

/** The logins of one control plane, as it holds them. Safe for use by several threads. */
public final class ExternalLogins {
  private final DefaultExternalOrganizations organizations;

  /** Over this runtime. */
  public ExternalLogins(PlaneRuntime runtime) {
    this.organizations = new DefaultExternalOrganizations(runtime);
  }

  /** What hosts see. */
  public ExternalOrganizations organizations() {
    return organizations;
  }

  /** Forgets what is cached of this organization, because it changed. */
  public void organizationChanged(OrganizationId organization) {
    organizations.organizationChanged(organization);
  }
}
