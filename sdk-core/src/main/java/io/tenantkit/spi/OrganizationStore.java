package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Organizations. Every verb is atomic and joins the transaction that its first argument carries.
 */
public interface OrganizationStore {

  /**
   * Adds an organization and writes the event.
   *
   * @throws io.tenantkit.ConflictException when the id is taken; then nothing is written
   */
  void insert(Operator operator, Organization organization, AuditEvent event);

  /** Any organization, for the operator. */
  Optional<Organization> find(Operator operator, OrganizationId id);

  /** The caller's own organization. */
  Optional<Organization> find(TenantContext context);

  /** Organizations by id in ASCII order, from the first after {@code afterId}. */
  List<Organization> list(Operator operator, @Nullable String afterId, int limit);

  /**
   * Replaces an organization when its version is still the expected one, and writes the event.
   *
   * @return false, with nothing written, when there is no such row at that version
   */
  boolean update(Operator operator, Organization changed, long expectedVersion, AuditEvent event);
}
