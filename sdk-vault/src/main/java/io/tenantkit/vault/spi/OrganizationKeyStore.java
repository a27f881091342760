package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The wrapped keys of organizations. As with every store: atomic verbs, the caller's organization
 * only. A key that was destroyed is there for no verb, and its number and id are never used again.
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
   * @throws io.tenantkit.TenantkitException with {@code ORGANIZATION_ERASED} when its keys were
   *     destroyed for ever, and {@code MASTER_KEY_MISMATCH} when the master key was retired
   */
  boolean insert(TenantContext context, StoredOrganizationKey key, AuditEvent event);

  /**
   * A key and how often it was used.
   *
   * @param key the row
   * @param encryptions how many encryptions were reserved, never fewer than were made
   */
  record Counted(StoredOrganizationKey key, long encryptions) {}

  /** All keys by number. */
  List<Counted> ring(TenantContext context);

  /**
   * A key that another master key wraps now.
   *
   * @param before the row that was read
   * @param after the same key, number and id under the other master key
   */
  record Rewrapped(StoredOrganizationKey before, StoredOrganizationKey after) {}

  /**
   * Replaces the wrapping of keys whose rows are still as they were read, and writes the event.
   *
   * @return false, with nothing written, when one of them is not
   * @throws io.tenantkit.TenantkitException with {@code MASTER_KEY_MISMATCH} when the master key
   *     was retired
   */
  boolean rewrap(TenantContext context, List<Rewrapped> keys, AuditEvent event);

  /**
   * Counts encryptions before they are made.
   *
   * @return the key's count with them; 0, with nothing counted, when there is no such key
   */
  long reserve(TenantContext context, String keyId, long encryptions);

  /**
   * Organizations whose newest key was made by then or has that many encryptions, by id in ASCII
   * order, from the first after {@code afterId}.
   */
  List<OrganizationId> due(
      Instant createdBy, long encryptions, @Nullable String afterId, int limit);

  /**
   * Destroys a key which is not the newest and under which no data key is, and writes the event. A
   * version whose own data key was destroyed does not hold it.
   *
   * @return false, with nothing written, when it is not such a key
   */
  boolean destroy(TenantContext context, String keyId, AuditEvent event);
}
