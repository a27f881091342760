/**
 * Who a call acts for. {@link io.tenantkit.tenant.TenantContext} is the first argument of every
 * tenant operation and can only be narrowed; {@link io.tenantkit.tenant.Operator} acts for the host
 * across tenants; a {@link io.tenantkit.tenant.Scope} is what a caller may do.
 */
@NullMarked
package io.tenantkit.tenant;

import org.jspecify.annotations.NullMarked;
