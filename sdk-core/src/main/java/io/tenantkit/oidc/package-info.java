/**
 * Logins: an access token of an OpenID Connect issuer becomes a {@link
 * io.tenantkit.tenant.TenantContext}. {@link io.tenantkit.oidc.OidcTenantResolver} reads the token
 * strictly and finds the tenant; {@link io.tenantkit.oidc.ExternalOrganizations} says which
 * organization of which issuer is which tenant.
 */
@NullMarked
package io.tenantkit.oidc;

import org.jspecify.annotations.NullMarked;
