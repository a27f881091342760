package io.tenantkit.vault;

import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.ExpiredVersion;
import io.tenantkit.vault.spi.SecretStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Destroys versions some time after they expired. Each is destroyed by a change of the row that was
 * read, so of several nodes one does it and one event tells of it.
 */
final class ExpiredVersions implements Maintenance.Task {
  /** How long an expired version is kept before it is destroyed. */
  static final Duration KEPT = Duration.ofDays(30);

  /** How often the storage is asked what is due. */
  static final Duration INTERVAL = Duration.ofMinutes(10);

  private static final int PAGE = 200;
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "upkeep");

  private final SecretStore store;
  private final SecretLifecycle lifecycle;

  ExpiredVersions(SecretStore store, SecretLifecycle lifecycle) {
    this.store = store;
    this.lifecycle = lifecycle;
  }

  /** Walks the organizations; one that fails does not hide the others. */
  @Override
  public void run(Instant now) {
    Instant before = now.minus(KEPT);
    EachOrganization each = new EachOrganization();
    @Nullable String after = null;
    List<OrganizationId> ids;
    do {
      ids = store.organizationsWithExpired(before, after, PAGE);
      for (OrganizationId id : ids) {
        after = id.value();
        each.attempt(() -> clean(TenantContext.trusted(id, ACTOR), before));
      }
    } while (ids.size() == PAGE);
    each.end();
  }

  private void clean(TenantContext context, Instant before) {
    List<ExpiredVersion> due;
    do {
      due = store.expired(context, before, PAGE);
      for (ExpiredVersion version : due) {
        lifecycle.destroyExpired(context, version.ref(), version.number(), before);
      }
    } while (due.size() == PAGE);
  }
}
