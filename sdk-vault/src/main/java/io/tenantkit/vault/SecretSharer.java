package io.tenantkit.vault;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.Viewer;
import java.time.Instant;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** Says whom secrets are for. What that means for who asks, {@link Viewer} decides. */
final class SecretSharer {
  private final PlaneRuntime runtime;
  private final SecretStore store;
  private final SecretSealer sealer;
  private final SecretEvents events;

  SecretSharer(PlaneRuntime runtime, SecretStore store, SecretSealer sealer, SecretEvents events) {
    this.runtime = runtime;
    this.store = store;
    this.sealer = sealer;
    this.events = events;
  }

  Secret share(TenantContext context, SecretRef ref, Sharing wanted) {
    sealer.requireOpen();
    Viewer viewer = Viewer.of(context);
    if (!viewer.manages()) {
      context.require(Scopes.SECRETS_WRITE);
    }
    Places.require(context, ref);
    for (int attempt = 1; attempt <= SecretWriter.ATTEMPTS; attempt++) {
      Secret before = find(context, ref);
      if (!viewer.manages() && !viewer.owns(before.owner())) {
        throw new AccessDeniedException(
            "only the owner of a secret, or who holds " + Scopes.SECRETS_MANAGE + ", shares it");
      }
      SortedSet<TeamId> teams = store.teams(context, before.id());
      if (before.access() == wanted.level() && teams.equals(wanted.teams())) {
        return before;
      }
      requireAllowed(runtime, context, wanted);
      Instant now = runtime.now();
      Secret after = before.madeFor(wanted.level()).touched(now);
      AuditEvent event =
          events.of(
              context,
              after,
              after.currentVersion(),
              now,
              "secret.shared",
              Map.of(
                  "access", wanted.level().name(),
                  "access_before", before.access().name(),
                  "teams", join(wanted.teams()),
                  "teams_before", join(teams)));
      if (store.write(context, SecretWrite.change(before, after, event).sharing(wanted.teams()))) {
        return after;
      }
    }
    throw ConflictException.stale("secret");
  }

  Sharing sharing(TenantContext context, SecretRef ref) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_READ);
    Places.require(context, ref);
    Secret secret = find(context, ref);
    return secret.access() == AccessLevel.TEAM
        ? new Sharing(AccessLevel.TEAM, store.teams(context, secret.id()))
        : Sharing.of(secret.access());
  }

  /** Whoever shares with administrators alone must be one, or it would lose what it shares. */
  static void requireAllowed(PlaneRuntime runtime, TenantContext context, Sharing wanted) {
    if (wanted.level() == AccessLevel.ADMIN) {
      context.require(Scopes.SECRETS_MANAGE);
    }
    for (TeamId id : wanted.teams()) {
      if (runtime.coreStores().teams().find(context, id).isEmpty()) {
        throw new NotFoundException("team");
      }
    }
  }

  private Secret find(TenantContext context, SecretRef ref) {
    return store
        .find(context, ref)
        .filter(secret -> secret.deletedAt().isEmpty())
        .orElseThrow(SecretReader::notFound);
  }

  private static String join(SortedSet<TeamId> teams) {
    return teams.stream().map(TeamId::value).collect(Collectors.joining(" "));
  }
}
