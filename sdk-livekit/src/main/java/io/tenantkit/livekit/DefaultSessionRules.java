package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.SessionRules;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.util.List;

final class DefaultSessionRules implements SessionRules {
  private final ActiveOrganizations organizations;
  private final TokenPolicies policies;

  DefaultSessionRules(ActiveOrganizations organizations, TokenPolicies policies) {
    this.organizations = organizations;
    this.policies = policies;
  }

  @Override
  public void requireAllowed(TenantContext context, RoomConfig config, List<RoomAgent> agents) {
    context.requireOwnTransaction("session");
    context.require(Scopes.LIVEKIT_CREATE_SESSION);
    TokenPolicy policy = policies.policy(context, organizations.require(context));
    new TokenRules(context, policy).requireSession(config, agents);
  }
}
