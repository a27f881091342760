package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The audit trail: rows are added and read, never changed. */
public interface AuditStore {

  /**
   * Adds an event that stands alone and commits it before returning, unless the context joins the
   * host's transaction.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  void append(TenantContext context, AuditEvent event);

  /**
   * The caller's events by id in ASCII order, which is their order in time, from the first after
   * {@code afterId}.
   */
  List<AuditEvent> list(TenantContext context, @Nullable String afterId, int limit);
}
