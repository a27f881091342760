package io.tenantkit.oidc;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;

/**
 * Says which organization of which issuer is which tenant. A login is refused unless its pair was
 * registered here, so nobody becomes a tenant by founding an organization at the issuer. Every
 * change is audited. Safe for use by several threads; blocks on the storage.
 */
public sealed interface ExternalOrganizations permits DefaultExternalOrganizations {

  /**
   * Registers a pair. Logins with it work at once here, and within the revocation bound on other
   * nodes.
   *
   * @param organization the tenant
   * @param issuer exactly as its tokens spell it
   * @param externalId the issuer's id of the organization, 1 to 128 printable ASCII characters
   * @throws io.tenantkit.ConflictException when the pair is registered already
   * @throws io.tenantkit.NotFoundException when there is no such organization
   */
  ExternalOrganization register(
      Operator operator, OrganizationId organization, String issuer, String externalId);

  /**
   * Removes a pair. Logins with it are refused at once here, and within the revocation bound on
   * other nodes.
   *
   * @throws io.tenantkit.NotFoundException when the organization has no such pair
   */
  void unregister(Operator operator, OrganizationId organization, String issuer, String externalId);

  /** An organization's pairs, oldest first. */
  Page<ExternalOrganization> list(Operator operator, OrganizationId organization, PageRequest page);
}
