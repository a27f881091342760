package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.LibraryProjects;
import java.util.Collection;
import java.util.HashSet;

/** What a context must have for a place in the vault, whatever is done there. Stateless. */
final class Places {
  /** The most secrets of one batch. */
  static final int MAX_BATCH = 100;

  private Places() {}

  /** The environment, and for a place that belongs to a room of the library that room's scope. */
  static void require(TenantContext context, SecretRef ref) {
    context.require(ref.environment());
    LibraryProjects.scope(ref.project()).ifPresent(context::require);
  }

  /** All of a batch's. */
  static void requireAll(TenantContext context, Collection<SecretRef> refs) {
    if (refs.isEmpty() || refs.size() > MAX_BATCH || new HashSet<>(refs).size() != refs.size()) {
      throw new InvalidInputException("refs", "1 to " + MAX_BATCH + " different ones");
    }
    refs.forEach(ref -> require(context, ref));
  }
}
