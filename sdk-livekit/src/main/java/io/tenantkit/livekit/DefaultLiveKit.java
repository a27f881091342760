package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.LentCredentials;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServerKeys;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.TokenLedger;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.spi.CredentialMarks;
import java.util.Optional;

final class DefaultLiveKit implements LiveKit {
  private final StoredCredentials credentials;
  private final LiveKitTokenIssuer tokens;
  private final LiveKitRevocations revocations;
  private final ServerCalls calls;
  private final LentCredentials lent;
  private final PlaneRuntime runtime;
  private final OwnAccounts accounts;
  private final SigningKeys keys;

  DefaultLiveKit(Builder settings) {
    this.runtime = settings.vault.runtime();
    this.accounts =
        new OwnAccounts(runtime, settings.vault.marker(), settings.hostAccount.orElse(null));
    this.credentials = new StoredCredentials(settings.vault);
    ActiveOrganizations organizations = new ActiveOrganizations(runtime);
    this.keys =
        new SigningKeys(runtime, credentials, organizations, accounts, settings.signingKeys);
    TokenLedger ledger =
        TokenLedger.of(runtime, DefaultTokenIssuer.ISSUER, DefaultTokenIssuer::details);
    this.tokens =
        new DefaultTokenIssuer(runtime, keys, organizations, settings.tokenPolicies, ledger);
    Egress egress = settings.egress.orElseGet(Egress::create);
    if (settings.egress.isEmpty()) {
      runtime.onClose().accept(egress::close);
    }
    this.lent = new DefaultLentCredentials(credentials, organizations);
    DefaultServerCalls recorded =
        new DefaultServerCalls(runtime, credentials, organizations, egress);
    this.calls = recorded;
    RoomPeople people = new RoomPeople(recorded, recorded.unrecorded(keys));
    this.revocations =
        new DefaultLiveKitRevocations(
            runtime,
            organizations,
            settings.tokenPolicies,
            ledger,
            new RevokedPeople(ledger, people));
  }

  @Override
  public LiveKitConnection connect(TenantContext context, LiveKitCredentials wanted) {
    context.require(Scopes.LIVEKIT_CONNECT);
    CredentialMarks marks = accounts.marks(wanted);
    Secret stored = credentials.put(context, wanted, accounts.claim(marks, Optional.empty()));
    Environment environment = stored.ref().environment();
    context
        .transaction()
        .ifPresentOrElse(
            joined -> joined.afterCommit(() -> keys.evict(context.organization(), environment)),
            () -> keys.evict(context.organization(), environment));
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
  public LiveKitRevocations revocations() {
    return revocations;
  }

  @Override
  public ServerCalls calls() {
    return calls;
  }

  @Override
  public ServerKeys serverKeys() {
    return new DefaultServerKeys(keys, accounts);
  }

  @Override
  public LentCredentials credentials() {
    return lent;
  }
}
