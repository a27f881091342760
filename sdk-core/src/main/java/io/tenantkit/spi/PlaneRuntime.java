package io.tenantkit.spi;

import io.tenantkit.ErrorCode;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Events;
import io.tenantkit.metric.Metrics;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.TenantContext;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the rooms need of the control plane that owns them: clock, randomness, storage, master keys
 * and the settings that hold for all. Upper modules get it from {@link
 * io.tenantkit.ControlPlane#runtime()}; hosts do not need it. Immutable and safe for use by several
 * threads.
 *
 * @param clock never goes back within the process
 * @param random for keys, nonces and ids
 * @param storage where rows are
 * @param coreStores the core's stores of that storage
 * @param masterKeys the keys above all keys
 * @param ids makes ids
 * @param revocationBound how long a change made elsewhere may stay unseen here
 * @param events takes what a host may want to act on
 * @param metrics where measurements go
 * @param maintenance takes periodic work
 * @param plans what the plans of organizations allow
 * @param onClose takes what is to run when the control plane closes, the last taken first, and runs
 *     it at once when it is closed already
 */
public record PlaneRuntime(
    Clock clock,
    SecureRandom random,
    Storage storage,
    CoreStores coreStores,
    MasterKeys masterKeys,
    IdGenerator ids,
    Duration revocationBound,
    Events events,
    Metrics metrics,
    Maintenance maintenance,
    Plans plans,
    Consumer<Runnable> onClose) {

  /** The time, cut to the microseconds that every storage keeps. */
  public Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** An event of a tenant's call, at this time. */
  public AuditEvent event(
      TenantContext context, Instant at, String action, String targetType, String targetId) {
    return event(context, at, action, targetType, targetId, Map.of());
  }

  /** An event of a tenant's call, at this time, with these details. */
  public AuditEvent event(
      TenantContext context,
      Instant at,
      String action,
      String targetType,
      String targetId,
      Map<String, String> details) {
    return new AuditEvent(
        ids.next("evt"),
        context.organization(),
        at,
        context.actor(),
        action,
        targetType,
        targetId,
        details);
  }

  /**
   * An event of the operator's call on an organization, at this time, with the operator's reason.
   */
  public AuditEvent event(
      Operator operator, OrganizationId organization, Instant at, String action) {
    return new AuditEvent(
        ids.next("evt"),
        organization,
        at,
        operator.actor(),
        action,
        "organization",
        organization.value(),
        Map.of("reason", operator.reason()));
  }

  /**
   * A family of stores that an upper module cannot do without.
   *
   * @throws TenantkitException with {@link ErrorCode#UNSUPPORTED_DATABASE} when the storage does
   *     not know it
   */
  public <F> F stores(Class<F> family) {
    return storage
        .stores(family)
        .orElseThrow(
            () ->
                new TenantkitException(
                    ErrorCode.UNSUPPORTED_DATABASE,
                    "this storage has no " + family.getSimpleName()));
  }
}
