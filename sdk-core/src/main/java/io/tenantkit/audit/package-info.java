/**
 * The audit trail: an {@link io.tenantkit.audit.AuditEvent} is written in the transaction of the
 * change it tells of, so that either both are there or neither. {@link io.tenantkit.audit.AuditLog}
 * reads a tenant's own trail; nothing changes or removes a row.
 */
@NullMarked
package io.tenantkit.audit;

import org.jspecify.annotations.NullMarked;
