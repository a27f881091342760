package io.tenantkit.vault.memory;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;

/** Which organizations due work is done for. */
final class ActiveOrganizations {
  private ActiveOrganizations() {}

  /** Within a verb. */
  static boolean has(InMemoryStorage storage, OrganizationId id) {
    return storage
        .stores(CoreStores.class)
        .flatMap(stores -> stores.organizations().find(TenantContext.trusted(id, "due-work")))
        .filter(found -> found.status() == Organization.Status.ACTIVE)
        .isPresent();
  }
}
