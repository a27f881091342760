package io.tenantkit.livekit.agent;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives the process of a tenant's agent the credentials of that tenant, and nothing of the host's
 * own environment. LiveKit's agent frameworks need all three of URL, key and secret, so whoever
 * runs in that process has them: it should run the tenant's code and no other tenant's.
 *
 * <p>Needs {@link Scopes#LIVEKIT_AGENT}; leaves the event {@code livekit.agent.environment} in the
 * audit trail before the credentials leave. Refused inside a joined transaction. Safe for use by
 * several threads; blocks on the storage.
 */
public final class AgentProcesses {
  /** What a process keeps of the host's environment. */
  private static final Set<String> ALLOWED = Set.of("PATH", "HOME", "LANG", "TZ");

  private final LiveKit livekit;

  private AgentProcesses(LiveKit livekit) {
    this.livekit = livekit;
  }

  /** Agents of the tenants that are connected there. */
  public static AgentProcesses of(LiveKit livekit) {
    return new AgentProcesses(livekit);
  }

  /**
   * The variables for the agent of the context's organization and environment. The caller closes
   * them.
   *
   * @param reason why, 1 to 255 characters, for the audit trail
   * @throws io.tenantkit.NotFoundException when there are no credentials
   * @throws io.tenantkit.AccessDeniedException when the scope is missing, or the organization is
   *     suspended
   */
  public AgentEnvironment environment(TenantContext context, String reason) {
    context.require(Scopes.LIVEKIT_AGENT);
    Purpose purpose = new Purpose("livekit.agent.environment", reason, Map.of());
    return livekit.credentials().use(context, purpose, AgentEnvironment::of);
  }

  /**
   * A process that is ready to be started. Its environment is empty but for PATH, HOME, LANG and
   * TZ, as far as the host has them, and the tenant's three variables. The builder holds the secret
   * as a {@code String}: start it and let it go.
   *
   * @param reason why, 1 to 255 characters, for the audit trail
   * @param command the program and its arguments, which other processes can see: no secret
   */
  public ProcessBuilder process(TenantContext context, String reason, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(List.copyOf(command));
    Map<String, String> variables = builder.environment();
    variables.keySet().retainAll(ALLOWED);
    try (AgentEnvironment environment = environment(context, reason)) {
      environment.copyTo(variables, SecretAccess.get());
    }
    return builder;
  }
}
