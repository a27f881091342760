package io.tenantkit.vault.webhook;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventListener;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.WebhookStore;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes events that are no audit events to the trail of the organizations that have an endpoint:
 * from then on they are told in the trail's order and survive the process. Until due work delivers
 * them, an event is in this process only. Safe for use by several threads; blocks.
 */
final class SecurityEvents implements EventListener {
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "webhooks");

  /**
   * What is in the trail already; and signed heads, each of which would be the cause of the next.
   */
  private static final Set<EventType> LEFT_OUT =
      Set.of(
          EventType.VERIFICATION_FAILED,
          EventType.AUDIT_CHECKPOINT,
          EventType.SECRET_REJECTED,
          EventType.ORGANIZATION_ERASED);

  private final PlaneRuntime runtime;
  private final WebhookStore store;

  SecurityEvents(PlaneRuntime runtime, WebhookStore store) {
    this.runtime = runtime;
    this.store = store;
  }

  @Override
  public void on(Event event) {
    if (event.organization().isEmpty() || LEFT_OUT.contains(event.type())) {
      return;
    }
    TenantContext context = TenantContext.trusted(event.organization().get(), ACTOR);
    if (store.list(context, null, 1).isEmpty()) {
      return;
    }
    AuditEvent row =
        runtime.event(
            context,
            runtime.now(),
            "security." + event.type().name().toLowerCase(Locale.ROOT),
            "event",
            cut(event.subject(), 255));
    Map<String, String> details = new TreeMap<>();
    event
        .details()
        .forEach(
            (name, value) -> {
              if (details.size() < AuditEvent.MAX_DETAILS) {
                details.put(name, cut(value, AuditEvent.MAX_DETAIL_LENGTH));
              }
            });
    runtime.coreStores().audit().append(context, row.with(details));
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
