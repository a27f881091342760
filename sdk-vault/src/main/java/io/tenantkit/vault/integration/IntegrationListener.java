package io.tenantkit.vault.integration;

import io.tenantkit.tenant.TenantContext;

/**
 * Ends what uses an integration, such as sessions and tokens. Called in the caller's thread when
 * the credential cannot be used any more and before the integration is gone; what it throws reaches
 * the caller, who repeats the call. So one that has ended everything is called again and finds
 * nothing.
 */
@FunctionalInterface
public interface IntegrationListener {
  /** The integration was disabled or is being deleted. */
  void ended(TenantContext context, Integration integration);
}
