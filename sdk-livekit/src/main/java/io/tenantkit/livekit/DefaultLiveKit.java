package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.LentCredentials;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.egress.Egress;

final class DefaultLiveKit implements LiveKit {
  private final StoredCredentials credentials;
  private final LiveKitTokenIssuer tokens;
  private final ServerCalls calls;
  private final LentCredentials lent;

  DefaultLiveKit(Builder settings) {
    PlaneRuntime runtime = settings.vault.runtime();
    this.credentials = new StoredCredentials(settings.vault);
    ActiveOrganizations organizations = new ActiveOrganizations(runtime);
    this.tokens =
        new DefaultTokenIssuer(runtime, credentials, organizations, settings.tokenPolicies);
    Egress egress = settings.egress.orElseGet(Egress::create);
    if (settings.egress.isEmpty()) {
      runtime.onClose().accept(egress::close);
    }
    this.lent = new DefaultLentCredentials(credentials, organizations);
    this.calls = new DefaultServerCalls(runtime, credentials, organizations, egress);
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

  @Override
  public ServerCalls calls() {
    return calls;
  }

  @Override
  public LentCredentials credentials() {
    return lent;
  }
}
