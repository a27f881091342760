package io.tenantkit.apikey;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.KeyUpkeepStore.Notice;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells the host of keys that end soon, are due for rotation, or are not used. Each notice is
 * claimed in the storage first, so of several nodes one gives it; a node that dies in between has
 * given it to nobody, and the daily ones come again the next day.
 */
final class KeyAlerts implements Maintenance.Task {
  /** How often the storage is asked what is due. */
  static final Duration INTERVAL = Duration.ofMinutes(10);

  private static final Duration DAILY = Duration.ofDays(1);
  private static final int PAGE = 200;
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "upkeep");

  private final PlaneRuntime runtime;
  private final KeyUpkeepStore store;
  private final OrganizationStore organizations;
  private final Duration expiryNotice;

  KeyAlerts(PlaneRuntime runtime, Duration expiryNotice) {
    this.runtime = runtime;
    this.store = runtime.coreStores().keyUpkeep();
    this.organizations = runtime.coreStores().organizations();
    this.expiryNotice = expiryNotice;
  }

  /** Walks the organizations; one that fails does not hide the others. */
  @Override
  public void run(Instant now) {
    EachOrganization each = new EachOrganization();
    @Nullable String after = null;
    List<OrganizationId> ids;
    do {
      ids = store.organizationsWithDueKeys(now, now.plus(expiryNotice), after, PAGE);
      for (OrganizationId id : ids) {
        after = id.value();
        each.attempt(() -> tell(id, now));
      }
    } while (ids.size() == PAGE);
    each.end();
  }

  private void tell(OrganizationId id, Instant now) {
    TenantContext context = TenantContext.trusted(id, ACTOR);
    Optional<Organization> organization = organizations.find(context);
    if (organization.isEmpty()) {
      return;
    }
    KeyPolicy policy = organization.get().settings().keys();
    tell(context, Notice.NEAR_EXPIRY, now.plus(expiryNotice), Instant.EPOCH, now, policy);
    Instant yesterday = now.minus(DAILY);
    policy
        .rotateAfter()
        .ifPresent(
            age -> tell(context, Notice.ROTATION_DUE, now.minus(age), yesterday, now, policy));
    policy
        .unusedAfter()
        .ifPresent(age -> tell(context, Notice.UNUSED, now.minus(age), yesterday, now, policy));
  }

  private void tell(
      TenantContext context,
      Notice notice,
      Instant bound,
      Instant quietSince,
      Instant now,
      KeyPolicy policy) {
    @Nullable String after = null;
    List<ApiKey> due;
    do {
      due = store.due(context, notice, bound, quietSince, now, after, PAGE);
      for (ApiKey key : due) {
        after = key.id().value();
        if (store.claim(context, key.id(), notice, now, quietSince)) {
          runtime.events().publish(event(notice, key, now, policy));
        }
      }
    } while (due.size() == PAGE);
  }

  private static Event event(Notice notice, ApiKey key, Instant now, KeyPolicy policy) {
    return switch (notice) {
      case NEAR_EXPIRY ->
          event(EventType.KEY_NEAR_EXPIRY, key, now, "expiresAt", key.expiresAt().orElse(now));
      case ROTATION_DUE ->
          event(
              EventType.KEY_ROTATION_DUE,
              key,
              now,
              "dueAt",
              key.createdAt().plus(policy.rotateAfter().orElse(Duration.ZERO)));
      case UNUSED ->
          event(
              EventType.KEY_UNUSED,
              key,
              now,
              "lastUsedAt",
              key.use().lastAt().orElse(key.createdAt()));
      case OLD_KEY_USED -> throw new IllegalArgumentException("no row is due for this");
    };
  }

  private static Event event(
      EventType type, ApiKey key, Instant now, String detail, Instant value) {
    return Event.of(
        type,
        now,
        key.organization(),
        key.id().value(),
        Map.of("name", key.name(), detail, value.toString()));
  }
}
