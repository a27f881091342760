package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The audit trail: rows are added and read, never changed. Whatever adds a row, here, in another
 * store's verb or by hand in SQL, gives it the next number of its organization and the link that
 * {@link StoredAuditEvent} describes, under a lock that is held until the commit: so numbers have
 * no gaps and their order is that of commits.
 */
public interface AuditStore {

  /**
   * Adds an event that stands alone and commits it before returning, unless the context joins the
   * host's transaction.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  void append(TenantContext context, AuditEvent event);

  /** The caller's events by number, from the first above {@code afterSeq}. */
  List<AuditRecord> records(TenantContext context, long afterSeq, int limit);

  /** The same as they are stored, to be verified. */
  List<StoredAuditEvent> rows(TenantContext context, long afterSeq, int limit);

  /** The end of the caller's chain; empty when it has no event yet. */
  Optional<AuditHead> head(TenantContext context);

  /** The caller's events by number, from the first above a number, or from the first of all. */
  default List<AuditEvent> list(TenantContext context, @Nullable Long afterSeq, int limit) {
    return records(context, afterSeq == null ? Long.MIN_VALUE : afterSeq, limit).stream()
        .map(AuditRecord::event)
        .toList();
  }
}
