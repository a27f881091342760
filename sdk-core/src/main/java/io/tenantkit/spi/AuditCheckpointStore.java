package io.tenantkit.spi;

import io.tenantkit.audit.AuditCheckpoint;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signed heads of audit chains, the keys that sign them, and what was pruned. */
public interface AuditCheckpointStore {

  /**
   * Adds a signed head.
   *
   * @return false when there is one of this number already: another node was faster
   */
  boolean insert(TenantContext context, AuditCheckpoint head);

  /** The caller's checkpoint of this kind with the greatest number. */
  Optional<AuditCheckpoint> newest(TenantContext context, AuditCheckpoint.Kind kind);

  /**
   * Organizations whose chain has moved since its head was last signed, by id in ASCII order, from
   * the first after {@code after}.
   */
  List<OrganizationId> unsigned(@Nullable OrganizationId after, int limit);

  /**
   * Removes an organization's events up to and including the anchor's, keeps the anchor in their
   * place, and writes the event; all or nothing.
   *
   * @param anchor of kind {@link AuditCheckpoint.Kind#ANCHOR}
   * @return how many were removed
   * @throws io.tenantkit.ConflictException when the organization has no signed head of that number
   *     or above, or the anchor is there already; then nothing was removed
   */
  long prune(Operator operator, AuditCheckpoint anchor, AuditEvent event);

  /**
   * Every wrapping of every key, greatest number first, and of one key the newest first. Some may
   * be of nobody's making: whoever can add rows can add such.
   */
  List<StoredAuditKey> keys();

  /**
   * Adds a key.
   *
   * @return false when there is one of this number already
   */
  boolean insertKey(StoredAuditKey key);

  /**
   * Adds a wrapping of a key that is there; those before it stay.
   *
   * @param key its number, master key and wrapping
   * @return false when another one was added at the same time
   */
  boolean rewrapKey(StoredAuditKey key);
}
