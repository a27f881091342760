package io.tenantkit.vault.spi;

import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.Scopes;
import java.util.Map;
import java.util.Optional;

/**
 * Projects in which the library keeps what it uses itself. Whoever may handle secrets in general
 * must not by that replace the server that every participant is sent to, so each needs a scope of
 * its own; and since no tenant chose them, they are neither projects nor environments of its plan.
 * Their secrets count as all secrets do: whoever holds such a scope could otherwise keep any number
 * of secrets there. Stateless.
 */
public final class LibraryProjects {
  /** The servers of LiveKit. */
  public static final String LIVEKIT = "livekit";

  /** The credentials of integrations, named by the integrations' ids. */
  public static final String INTEGRATIONS = "integrations";

  /** The keys and URLs of webhooks, named by the endpoints' ids. */
  public static final String WEBHOOKS = "webhooks";

  private static final Map<String, Scope> SCOPES =
      Map.of(
          LIVEKIT, Scopes.LIVEKIT_CONNECT,
          INTEGRATIONS, Scopes.INTEGRATIONS_WRITE,
          WEBHOOKS, Scopes.WEBHOOKS_MANAGE);

  private LibraryProjects() {}

  /** Whether a project of this name is the library's. */
  public static boolean contains(String project) {
    return SCOPES.containsKey(project);
  }

  /** What a context needs for that project; empty when it is not the library's. */
  public static Optional<Scope> scope(String project) {
    return Optional.ofNullable(SCOPES.get(project));
  }
}
