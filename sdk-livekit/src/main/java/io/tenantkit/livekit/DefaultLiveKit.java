package io.tenantkit.livekit;

import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;

final class DefaultLiveKit implements LiveKit {
  private final StoredCredentials credentials;
  private final LiveKitTokenIssuer tokens;

  DefaultLiveKit(Builder settings) {
    this.credentials = new StoredCredentials(settings.vault);
    this.tokens =
        new DefaultTokenIssuer(settings.vault.runtime(), credentials, settings.tokenPolicies);
  }

  @Override
  public LiveKitConnection connect(TenantContext context, LiveKitCredentials wanted) {
    context.require(Scopes.LIVEKIT_CONNECT);
    Secret stored = credentials.put(context, wanted);
    return new LiveKitConnection(
        stored.ref().environment(),
        wanted.serverUrl(),
        wanted.apiKey(),
        stored.currentVersion(),
        stored.updatedAt());
  }

  @Override
  public LiveKitTokenIssuer tokens() {
    return tokens;
  }
}
