/**
 * The audit trail: an {@link io.tenantkit.audit.AuditEvent} is written in the transaction of the
 * change it tells of, so that either both are there or neither, and becomes the next link of its
 * organization's chain. {@link io.tenantkit.audit.AuditLog} reads, verifies, exports and prunes a
 * trail; nothing changes a row. {@link io.tenantkit.audit.AuditCheckpoint} is a signed head to be
 * kept outside of the database.
 */
@NullMarked
package io.tenantkit.audit;

import org.jspecify.annotations.NullMarked;
