package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.LentCredentials;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServerKeys;
import io.tenantkit.livekit.spi.SignedMessages;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.util.Objects;
import java.util.Optional;

/**
 * LiveKit for each tenant: every organization brings its own server and key pair, which are kept in
 * the vault, one set for each environment. LiveKit's server itself keeps nothing apart between the
 * keys of one server, so tenants that must not see each other need a server (or project) each.
 *
 * <pre>{@code
 * var livekit = LiveKit.of(vault);
 * livekit.connect(acme, LiveKitCredentials.of("wss://acme.livekit.cloud", apiKey, apiSecret));
 * var token = livekit.tokens().issue(acme, ParticipantToken.join("standup", "ada"));
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public interface LiveKit {

  /** LiveKit over this vault. */
  static LiveKit of(SecretVault vault) {
    return builder(vault).build();
  }

  /** LiveKit over this vault, to be configured. */
  static Builder builder(SecretVault vault) {
    return new Builder(vault);
  }

  /**
   * Stores the credentials for the context's {@link TenantContext#environment()}, or replaces them;
   * no connection is made. Takes part in a joined transaction.
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CONNECT}, and no scope for secrets. Tokens
   * signed with replaced credentials stay good on the server that knows that key, until they
   * expire; {@link LiveKitTokenIssuer#verify} refuses them at once.
   *
   * @return what may be shown of them
   * @throws io.tenantkit.AccessDeniedException when the scope is missing
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  LiveKitConnection connect(TenantContext context, LiveKitCredentials credentials);

  /** Signs and verifies tokens. */
  LiveKitTokenIssuer tokens();

  /**
   * Calls to the tenants' servers. For upper modules; hosts use {@link
   * io.tenantkit.livekit.room.LiveKitRooms}.
   */
  ServerCalls calls();

  /** Whose server signed something. For upper modules. */
  ServerKeys serverKeys();

  /**
   * The tenants' credentials. For upper modules; hosts use {@link
   * io.tenantkit.livekit.agent.AgentProcesses}.
   */
  LentCredentials credentials();

  /**
   * Whose server signed a message. For upper modules; hosts use {@link
   * io.tenantkit.livekit.webhook.LiveKitWebhooks}.
   */
  SignedMessages signedMessages();

  /** What belongs to the control plane beneath. For upper modules; hosts do not need it. */
  PlaneRuntime runtime();

  /** Collects settings. For one thread. */
  final class Builder {
    final SecretVault vault;
    Optional<Egress> egress = Optional.empty();
    Optional<LiveKitCredentials> hostAccount = Optional.empty();
    int signingKeys = SigningKeys.DEFAULT_ENTRIES;
    TokenPolicies tokenPolicies = TokenPolicies.always(TokenPolicy.standard());

    private Builder(SecretVault vault) {
      this.vault = Objects.requireNonNull(vault, "vault");
    }

    /** What tokens may be; {@link TokenPolicy#standard} for all unless set. */
    public Builder tokenPolicies(TokenPolicies policies) {
      this.tokenPolicies = Objects.requireNonNull(policies, "policies");
      return this;
    }

    /**
     * The way out to the tenants' servers, which stays the caller's to close. Unless set, one as it
     * comes: public addresses, HTTPS, ports 443 and 8443.
     */
    public Builder egress(Egress given) {
      this.egress = Optional.of(given);
      return this;
    }

    /**
     * The host's own account, for administration alone. No tenant's call reaches it, and a tenant
     * that brings these credentials is refused, when it stores them and when a token is asked for:
     * it would hand its rooms to all others who did the same.
     *
     * @param credentials which stay the caller's to close, once this is built
     */
    public Builder hostAccount(LiveKitCredentials credentials) {
      this.hostAccount = Optional.of(credentials);
      return this;
    }

    /**
     * For how many organizations, each in each environment, keys that sign are kept at hand, 1 to
     * 1,000,000; 4,096 unless set. Each takes some kilobytes.
     */
    public Builder signingKeys(int most) {
      if (most < 1 || most > 1_000_000) {
        throw new InvalidInputException("signingKeys", "1 to 1,000,000");
      }
      this.signingKeys = most;
      return this;
    }

    /** LiveKit as configured. */
    public LiveKit build() {
      return new DefaultLiveKit(this);
    }
  }
}
