package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.spi.LentCredentials;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.livekit.spi.ServerKeys;
import io.tenantkit.livekit.spi.SessionRules;
import io.tenantkit.livekit.spi.SignedMessages;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
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
  /** The longest time in which a replaced key still verifies. */
  Duration MAX_OVERLAP = Duration.ofDays(30);

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
   * <p>They must be the organization's own: those of the host's account are refused, and those
   * whose secret another organization has with the same key or on the same server, however the URL
   * is written. The refusal does not tell whose they are. A key's public id alone, which anybody
   * may have seen in a token, keeps nobody out.
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CONNECT}, and no scope for secrets. Tokens
   * signed with replaced credentials stay good on the server that knows that key, until they
   * expire; here they verify no more, on other nodes within the control plane's revocation bound.
   *
   * @return what may be shown of them
   * @throws io.tenantkit.AccessDeniedException when the scope is missing
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CREDENTIALS_TAKEN}
   *     when they are the host's or another organization's
   */
  default LiveKitConnection connect(TenantContext context, LiveKitCredentials credentials) {
    return connect(context, credentials, Duration.ZERO);
  }

  /**
   * As {@link #connect(TenantContext, LiveKitCredentials)}, with a time in which what the replaced
   * key signed still verifies and its server's webhooks are taken. At most three replaced keys
   * overlap with the current one. With no overlap all of them end.
   *
   * @param overlap 0 to 30 days
   */
  LiveKitConnection connect(
      TenantContext context, LiveKitCredentials credentials, Duration overlap);

  /**
   * As {@link #connect(TenantContext, LiveKitCredentials)}, with credentials as a host has kept
   * them among a tenant's settings: JSON (RFC 8259) whose member {@code livekit} has {@code
   * server_url}, {@code api_key} and {@code api_secret}. Other members are left alone.
   *
   * @param json at most 64 KiB (65,536 bytes), which stays the caller's to close
   * @throws io.tenantkit.InvalidInputException naming the member that is missing or out of bounds
   */
  LiveKitConnection importSettings(TenantContext context, SecretValue json);

  /**
   * Destroys the credentials of the context's environment with all that was replaced. Takes part in
   * a joined transaction. Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CONNECT}.
   *
   * @throws io.tenantkit.NotFoundException when there are none
   */
  void disconnect(TenantContext context);

  /**
   * What may be shown of the credentials of the context's environment; empty when there are none.
   * Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_READ}.
   *
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CREDENTIALS_TAKEN}
   *     when they are not the organization's own; with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED} inside a joined transaction
   */
  Optional<LiveKitConnection> connection(TenantContext context);

  /**
   * Asks the server whether it takes the credentials, over the guarded way out and for at most 5
   * seconds, with a token of a minute that can list rooms and no more. What was found is kept and
   * shown by {@link #connection}. Each check leaves an event {@code livekit.connection.checked}.
   *
   * <p>Needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CONNECT}.
   *
   * @return what was found, also when nobody answers
   * @throws io.tenantkit.NotFoundException when there are no credentials
   * @throws io.tenantkit.AccessDeniedException when the scope is missing, or the organization is
   *     suspended
   * @throws io.tenantkit.TenantkitException as {@link #connection} does
   */
  LiveKitCheck check(TenantContext context);

  /** Accounts as the operator sees them, the host's own among them. */
  LiveKitAccounts accounts();

  /** Signs and verifies tokens. */
  LiveKitTokenIssuer tokens();

  /** Takes tokens back, and keeps their bearers out. */
  LiveKitRevocations revocations();

  /**
   * Calls to the tenants' servers. For upper modules; hosts use {@link
   * io.tenantkit.livekit.room.LiveKitRooms}.
   */
  ServerCalls calls();

  /**
   * What the policy of tokens says of sessions. For upper modules; hosts use {@link
   * io.tenantkit.livekit.room.LiveKitSessions}.
   */
  SessionRules sessionRules();

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

    /** What tokens and sessions may be; {@link TokenPolicy#standard} for all unless set. */
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

    /**
     * LiveKit as configured. A control plane needs one, for all tenants and as long as it lives:
     * each has periodic work, keys and a ledger's batches of its own until the plane closes, and
     * what one revokes the others learn within the revocation bound, as other nodes do.
     */
    public LiveKit build() {
      return new DefaultLiveKit(this);
    }
  }
}
