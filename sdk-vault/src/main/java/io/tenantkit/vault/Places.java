package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;

/** What a context must have for a place in the vault, whatever is done there. Stateless. */
final class Places {
  /** The most secrets of one batch. */
  static final int MAX_BATCH = 100;

  /**
   * Projects in which the library keeps what it uses itself. Whoever may handle secrets in general
   * must not by that replace the server that every participant is sent to.
   */
  private static final Map<String, Scope> RESERVED_PROJECTS =
      Map.of(
          "livekit", Scopes.LIVEKIT_CONNECT,
          "integrations", Scopes.INTEGRATIONS_WRITE);

  private Places() {}

  /** The environment, and for a place that belongs to a room of the library that room's scope. */
  static void require(TenantContext context, SecretRef ref) {
    context.require(ref.environment());
    Scope reserved = RESERVED_PROJECTS.get(ref.project());
    if (reserved != null) {
      context.require(reserved);
    }
  }

  /** All of a batch's. */
  static void requireAll(TenantContext context, Collection<SecretRef> refs) {
    if (refs.isEmpty() || refs.size() > MAX_BATCH || new HashSet<>(refs).size() != refs.size()) {
      throw new InvalidInputException("refs", "1 to " + MAX_BATCH + " different ones");
    }
    refs.forEach(ref -> require(context, ref));
  }
}
