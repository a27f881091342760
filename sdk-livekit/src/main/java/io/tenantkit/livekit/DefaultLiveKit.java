package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.LentCredentials;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServerKeys;
import io.tenantkit.livekit.spi.SessionRules;
import io.tenantkit.livekit.spi.SignedMessages;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.TokenLedger;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.util.Optional;

final class DefaultLiveKit implements LiveKit {
  private final LiveKitTokenIssuer tokens;
  private final LiveKitRevocations revocations;
  private final SessionRules sessionRules;
  private final ServerCalls calls;
  private final LentCredentials lent;
  private final PlaneRuntime runtime;
  private final SigningKeys keys;
  private final KeyOwners owners;
  private final ServerKeys serverKeys;
  private final Connections connections;
  private final ConnectionChecker checker;
  private final LiveKitAccounts accounts;

  DefaultLiveKit(Builder settings) {
    PlaneRuntime runtime = settings.vault.runtime();
    OwnAccounts own =
        new OwnAccounts(runtime, settings.vault.marker(), settings.hostAccount.orElse(null));
    StoredCredentials credentials = new StoredCredentials(settings.vault, own);
    ActiveOrganizations organizations = new ActiveOrganizations(runtime);
    SigningKeys keys =
        new SigningKeys(
            runtime,
            credentials,
            organizations,
            own,
            settings.signingKeys,
            SigningKeys.newThread());
    TokenLedger ledger =
        TokenLedger.of(runtime, DefaultTokenIssuer.ISSUER, DefaultTokenIssuer::details);
    this.tokens =
        new DefaultTokenIssuer(runtime, keys, organizations, settings.tokenPolicies, ledger);
    this.sessionRules = new DefaultSessionRules(organizations, settings.tokenPolicies);
    Egress egress = settings.egress.orElseGet(Egress::create);
    if (settings.egress.isEmpty()) {
      runtime.onClose().accept(egress::close);
    }
    this.lent = new DefaultLentCredentials(credentials, organizations);
    DefaultServerCalls recorded =
        new DefaultServerCalls(runtime, credentials, organizations, keys, egress);
    this.calls = recorded;
    RevokedPeople revoked = new RevokedPeople(ledger, new RoomPeople(recorded));
    RevocationLooks looks = new RevocationLooks(ledger, revoked);
    runtime.onClose().accept(looks::close);
    // A thread of its own, since servers take their time.
    runtime.maintenance().urgent("livekit.revocations", LiveKitRevocations.LOOK_EVERY, looks::look);
    this.revocations =
        new DefaultLiveKitRevocations(
            runtime, organizations, settings.tokenPolicies, ledger, revoked);
    this.runtime = runtime;
    this.keys = keys;
    this.serverKeys = new DefaultServerKeys(keys, own);
    this.owners = KeyOwners.of(runtime, serverKeys);
    keys.tell(owners::opened);
    this.connections = new Connections(runtime, credentials, own, keys, owners);
    this.checker = new ConnectionChecker(runtime, credentials, organizations, own, egress);
    this.accounts =
        new DefaultLiveKitAccounts(
            runtime,
            connections,
            credentials,
            own,
            settings.hostAccount.map(each -> new DefaultHostAccount(runtime, each, checker)));
  }

  @Override
  public LiveKitConnection connect(
      TenantContext context, LiveKitCredentials wanted, Duration overlap) {
    return connections.connect(context, wanted, overlap);
  }

  @Override
  public LiveKitConnection importSettings(TenantContext context, SecretValue json) {
    context.require(Scopes.LIVEKIT_CONNECT);
    LiveKitCredentials read = SettingsJson.read(json);
    try {
      return connect(context, read);
    } finally {
      read.apiSecret().close();
    }
  }

  @Override
  public void disconnect(TenantContext context) {
    connections.disconnect(context);
  }

  @Override
  public Optional<LiveKitConnection> connection(TenantContext context) {
    return connections.connection(context);
  }

  @Override
  public LiveKitCheck check(TenantContext context) {
    return checker.check(context);
  }

  @Override
  public LiveKitAccounts accounts() {
    return accounts;
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
  public SessionRules sessionRules() {
    return sessionRules;
  }

  @Override
  public ServerKeys serverKeys() {
    return serverKeys;
  }

  @Override
  public SignedMessages signedMessages() {
    return new DefaultSignedMessages(runtime, owners, keys);
  }

  @Override
  public PlaneRuntime runtime() {
    return runtime;
  }

  @Override
  public LentCredentials credentials() {
    return lent;
  }
}
