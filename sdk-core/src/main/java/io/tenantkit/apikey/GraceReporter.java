package io.tenantkit.apikey;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reports keys that are used although they were rotated: once for each key and hour, over all
 * nodes. Noting a use costs one look into a map; the storage is asked when due work runs. At most
 * {@value #CAPACITY} keys are known at a time; what comes above is reported when there is room.
 * Safe for use by several threads.
 */
final class GraceReporter implements Maintenance.Task {
  private static final int CAPACITY = 10_000;
  private static final Duration QUIET = Duration.ofHours(1);
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "upkeep");

  /** Hand-written ids are unique in their organization only. */
  private record Name(OrganizationId organization, ApiKeyId id) {
    static Name of(ApiKey key) {
      return new Name(key.organization(), key.id());
    }
  }

  /** A use that was noted: still to be reported, or reported and quiet until then. */
  private record Noted(ApiKey key, boolean reported, long quietUntilMillis) {}

  private final KeyUpkeepStore store;
  private final PlaneRuntime runtime;
  private final Map<Name, Noted> noted = new ConcurrentHashMap<>();

  GraceReporter(PlaneRuntime runtime) {
    this.store = runtime.coreStores().keyUpkeep();
    this.runtime = runtime;
  }

  /**
   * Notes the use of a key that has a successor.
   *
   * @param now milliseconds since 1970
   */
  void used(ApiKey key, long now) {
    Name name = Name.of(key);
    Noted there = noted.get(name);
    boolean open = there == null ? noted.size() < CAPACITY : isOver(there, now);
    if (open) {
      noted.put(name, new Noted(key, false, Long.MAX_VALUE));
    }
  }

  private static boolean isOver(Noted use, long now) {
    return use.reported && now >= use.quietUntilMillis;
  }

  /** Reports what was noted, unless another node did. */
  @Override
  public void run(Instant now) {
    Map.copyOf(noted).forEach((name, use) -> settle(name, use, now));
  }

  private void settle(Name name, Noted use, Instant now) {
    if (isOver(use, now.toEpochMilli())) {
      noted.remove(name, use);
    } else if (!use.reported) {
      report(use.key, now);
      noted.replace(name, use, new Noted(use.key, true, now.plus(QUIET).toEpochMilli()));
    }
  }

  private void report(ApiKey key, Instant now) {
    TenantContext context = TenantContext.trusted(key.organization(), ACTOR);
    boolean ours =
        store.claim(context, key.id(), KeyUpkeepStore.Notice.OLD_KEY_USED, now, now.minus(QUIET));
    if (ours) {
      runtime
          .events()
          .publish(
              Event.of(
                  EventType.OLD_KEY_USED,
                  now,
                  key.organization(),
                  key.id().value(),
                  Map.of(
                      "successor",
                      key.successor().map(ApiKeyId::value).orElse(""),
                      "endsAt",
                      key.expiresAt().map(Instant::toString).orElse(""))));
    }
  }
}
