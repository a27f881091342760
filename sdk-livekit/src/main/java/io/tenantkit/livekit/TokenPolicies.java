package io.tenantkit.livekit;

import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.TenantContext;
import java.util.Map;
import java.util.Objects;

/**
 * Which policy holds for a token: by organization, by its plan, or by what the caller may do. Asked
 * for each token, so it answers fast and does not block. Used by several threads.
 */
@FunctionalInterface
public interface TokenPolicies {
  /**
   * The policy for what this caller asks for.
   *
   * @param context who asks, with the scopes that are left to it
   * @param organization the caller's, with its plan
   */
  TokenPolicy policy(TenantContext context, Organization organization);

  /** The same for all. */
  static TokenPolicies always(TokenPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    return (context, organization) -> policy;
  }

  /** By the organization's plan. */
  static TokenPolicies byPlan(Map<String, TokenPolicy> plans, TokenPolicy otherwise) {
    Map<String, TokenPolicy> copy = Map.copyOf(plans);
    Objects.requireNonNull(otherwise, "otherwise");
    return (context, organization) -> copy.getOrDefault(organization.settings().plan(), otherwise);
  }
}
