package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Integrations without their credentials. Every verb is atomic, sees only the caller's organization
 * and joins the transaction that the context carries, but {@link #organizationsDue}, which tells
 * ids alone.
 */
public interface IntegrationStore {

  /**
   * Adds a row and writes the event.
   *
   * @return false, with nothing written, when the id is taken
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean insert(TenantContext context, Integration integration, AuditEvent event);

  /** One integration, of whichever environment. */
  Optional<Integration> find(TenantContext context, IntegrationId id);

  /**
   * Integrations of the environments that the context reaches, by id in ASCII order, from the first
   * after {@code afterId}.
   */
  List<Integration> list(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Replaces a row when it is still at the expected version, and writes the event if there is one;
   * what says when it was created and used last stays as it is.
   *
   * @param reschedule whether the time of its next check is replaced too
   * @return false, with nothing written, when there is no such row at that version
   */
  boolean update(
      TenantContext context,
      Integration changed,
      long expectedVersion,
      boolean reschedule,
      Optional<AuditEvent> event);

  /** Says when it was used, unless a later time is there already. No change of its version. */
  void used(TenantContext context, IntegrationId id, Instant at);

  /**
   * Removes a row when it is still at the expected version and writes the event.
   *
   * @return false, with nothing written, when there is no such row at that version
   */
  boolean delete(TenantContext context, IntegrationId id, long expectedVersion, AuditEvent event);

  /**
   * Active organizations that have an integration which is not disabled and due for a check by now,
   * by id from the first after {@code afterId}. Of the closed list of what is read across tenants:
   * ids only.
   */
  List<OrganizationId> organizationsDue(Instant now, @Nullable String afterId, int limit);

  /** Those that are due, by id from the first after {@code afterId}. */
  List<Integration> due(TenantContext context, Instant now, @Nullable String afterId, int limit);

  /**
   * Claims a due check: it is due again at another time, when whoever claimed it has died. Of
   * several at once, one gets it. No change of its version.
   *
   * @return false, with nothing written, when it is not due
   */
  boolean claim(TenantContext context, IntegrationId id, Instant now, Instant dueAgainAt);
}
