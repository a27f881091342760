package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.oidc.ExternalOrganization;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of issuer and external organization. Every verb is atomic and joins the transaction that
 * its first argument carries.
 */
public interface ExternalOrganizationStore {

  /**
   * What a login needs to know.
   *
   * @param organization the tenant
   * @param status whether its logins work
   */
  record Tenant(OrganizationId organization, Organization.Status status) {
    public Tenant {
      Objects.requireNonNull(organization, "organization");
      Objects.requireNonNull(status, "status");
    }
  }

  /**
   * Adds a pair and writes the event.
   *
   * @throws io.tenantkit.ConflictException when the pair is registered, for whichever tenant; then
   *     nothing is written
   * @throws io.tenantkit.NotFoundException when there is no such organization
   */
  void insert(Operator operator, ExternalOrganization added, AuditEvent event);

  /**
   * Removes an organization's pair and writes the event.
   *
   * @return false, with nothing written, when the organization has no such pair
   */
  boolean delete(
      Operator operator,
      OrganizationId organization,
      String issuer,
      String externalId,
      AuditEvent event);

  /** An organization's pairs by id in ASCII order, from the first after {@code afterId}. */
  List<ExternalOrganization> list(
      Operator operator, OrganizationId organization, @Nullable String afterId, int limit);

  /** Whose pair it is: one of the closed list of cross-tenant reads. */
  Optional<Tenant> lookup(String issuer, String externalId);
}
