package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.LentCredentials;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretUse;

final class DefaultLentCredentials implements LentCredentials {
  private final StoredCredentials credentials;
  private final ActiveOrganizations organizations;

  DefaultLentCredentials(StoredCredentials credentials, ActiveOrganizations organizations) {
    this.credentials = credentials;
    this.organizations = organizations;
  }

  @Override
  public <T> T use(TenantContext context, Purpose purpose, SecretUse<LiveKitCredentials, T> code) {
    context.requireOwnTransaction("use of LiveKit credentials");
    organizations.require(context);
    return credentials.lend(context, purpose, code);
  }
}
