package io.tenantkit.tenant;

/** The scopes this library itself asks for, and those that its users commonly grant. */
public final class Scopes {
  /** List and view flow definitions. */
  public static final Scope FLOWS_READ = Scope.of("flows:read");

  /** Start and run flows. */
  public static final Scope FLOWS_EXECUTE = Scope.of("flows:execute");

  /** All of flows. */
  public static final Scope FLOWS_ALL = Scope.of("flows:*");

  /** See LiveKit settings. */
  public static final Scope LIVEKIT_READ = Scope.of("livekit:read");

  /** Issue LiveKit tokens and open sessions. */
  public static final Scope LIVEKIT_CREATE_SESSION = Scope.of("livekit:create-session");

  /** Store and replace the tenant's LiveKit credentials. */
  public static final Scope LIVEKIT_CONNECT = Scope.of("livekit:connect");

  /**
   * Issue LiveKit tokens of agents, whose bearer can register as a worker for any agent's name on
   * the tenant's server.
   */
  public static final Scope LIVEKIT_AGENT = Scope.of("livekit:agent");

  /**
   * Issue LiveKit tokens that moderate, hide, record or reach all rooms, and manage the tenant's
   * rooms.
   */
  public static final Scope LIVEKIT_ADMIN = Scope.of("livekit:admin");

  /** All of LiveKit. */
  public static final Scope LIVEKIT_ALL = Scope.of("livekit:*");

  /** See sessions. */
  public static final Scope SESSIONS_READ = Scope.of("sessions:read");

  /** Follow a session's log and events. */
  public static final Scope SESSIONS_MONITOR = Scope.of("sessions:monitor");

  /** List agents. */
  public static final Scope AGENTS_READ = Scope.of("agents:read");

  /** See API keys. */
  public static final Scope API_KEYS_READ = Scope.of("api-keys:read");

  /** Create, change, rotate and revoke API keys. */
  public static final Scope API_KEYS_WRITE = Scope.of("api-keys:write");

  /** See secrets' names and versions, never their values. */
  public static final Scope SECRETS_READ = Scope.of("secrets:read");

  /** Use or reveal a secret's value. */
  public static final Scope SECRETS_USE = Scope.of("secrets:use");

  /** Store, replace and delete secrets. */
  public static final Scope SECRETS_WRITE = Scope.of("secrets:write");

  /**
   * See and manage all secrets of the organization, whomever they are for: it passes every access
   * level, and nothing else that is asked for.
   */
  public static final Scope SECRETS_MANAGE = Scope.of("secrets:manage");

  /** See integrations, their status and settings, never their credentials. */
  public static final Scope INTEGRATIONS_READ = Scope.of("integrations:read");

  /** Create, change, check, enable, disable and delete integrations. */
  public static final Scope INTEGRATIONS_WRITE = Scope.of("integrations:write");

  /** See teams and who is in them. */
  public static final Scope TEAMS_READ = Scope.of("teams:read");

  /**
   * Create, rename and delete teams, and say who is in them: whoever holds it decides who sees what
   * teams share.
   */
  public static final Scope TEAMS_MANAGE = Scope.of("teams:manage");

  /** Rotate, re-wrap and destroy the vault's keys, and see the report on them. */
  public static final Scope KEYS_MANAGE = Scope.of("vault-keys:manage");

  /** Manage webhooks: their endpoints, secrets and dead letters. */
  public static final Scope WEBHOOKS_MANAGE = Scope.of("webhooks:manage");

  /** Read the audit trail. */
  public static final Scope AUDIT_READ = Scope.of("audit:read");

  /** See who used which secret how often and at what cost, and what was unusual. */
  public static final Scope USAGE_READ = Scope.of("usage:read");

  /** Everything. Dangerous: grant it to nobody who does not need it. */
  public static final Scope ALL = Scope.of("*");

  private Scopes() {}
}
