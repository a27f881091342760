package io.tenantkit.audit;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;

record StoredAuditLog(AuditStore store) implements AuditLog {

  @Override
  public Page<AuditEvent> list(TenantContext context, PageRequest page) {
    context.require(Scopes.AUDIT_READ);
    return page.page(store.list(context, page.afterId(), page.limit() + 1), AuditEvent::id);
  }
}
