package io.tenantkit.audit;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;

/** Reads an organization's audit trail. Safe for use by several threads; blocks on the storage. */
public interface AuditLog {

  /** The trail over this runtime. Hosts call {@link io.tenantkit.ControlPlane#audit()}. */
  static AuditLog of(PlaneRuntime runtime) {
    return new StoredAuditLog(runtime.coreStores().audit());
  }

  /**
   * One page of the caller's own trail, oldest first. Needs {@link
   * io.tenantkit.tenant.Scopes#AUDIT_READ}.
   *
   * <p>The order is that of the events' making, not of their commits: a transaction that commits
   * late adds its events below those that are there already. So this is for reading a trail, not
   * for following it by keeping the last cursor.
   *
   * @throws io.tenantkit.AccessDeniedException without the scope
   */
  Page<AuditEvent> list(TenantContext context, PageRequest page);
}
