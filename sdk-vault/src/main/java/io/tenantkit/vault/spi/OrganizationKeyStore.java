package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.TenantContext;
import java.util.Optional;

/**
 * The wrapped keys of organizations. As with every store: atomic verbs, the caller's organization
 * only.
 */
public interface OrganizationKeyStore {

  /** The key with the highest number. */
  Optional<StoredOrganizationKey> newest(TenantContext context);

  /** The key with this id. */
  Optional<StoredOrganizationKey> find(TenantContext context, String keyId);

  /**
   * Adds a key and writes the event.
   *
   * @return false, with nothing written, when the number is taken: another node was faster
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean insert(TenantContext context, StoredOrganizationKey key, AuditEvent event);
}
