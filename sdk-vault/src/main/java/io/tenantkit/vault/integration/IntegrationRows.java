package io.tenantkit.vault.integration;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.IntegrationStore;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Changes of rows: each is made to the row as it is then, or starts over. */
final class IntegrationRows {
  /** Each time somebody else got on; the bound ends it where others' rows cannot be seen. */
  static final int ATTEMPTS = 64;

  private final PlaneRuntime runtime;
  private final IntegrationStore store;

  IntegrationRows(PlaneRuntime runtime, IntegrationStore store) {
    this.runtime = runtime;
    this.store = store;
  }

  /** In reach of the context. */
  Integration find(TenantContext context, IntegrationId id) {
    return store
        .find(context, id)
        .filter(row -> context.environments().contains(row.environment()))
        .orElseThrow(() -> new NotFoundException("integration"));
  }

  /**
   * Makes a change.
   *
   * @param change the new row from the one that is there and the time; the same one for no change
   */
  Integration change(
      TenantContext context,
      IntegrationId id,
      String action,
      boolean reschedule,
      BiFunction<Integration, Instant, Integration> change) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Integration before = find(context, id);
      Instant now = runtime.now();
      Integration after = change.apply(before, now);
      if (after.version() == before.version()) {
        return before;
      }
      AuditEvent event = event(context, after, now, action);
      if (store.update(context, after, before.version(), reschedule, Optional.of(event))) {
        return after;
      }
    }
    throw ConflictException.stale("integration");
  }

  /**
   * Keeps what a check found, unless the credential was replaced meanwhile, which is what the row
   * says: a version that is older than the row's came back by a roll back.
   *
   * @param asked the row as it was before the check
   */
  void keep(
      TenantContext context,
      Integration asked,
      CheckResult result,
      long checkedVersion,
      Optional<Map<String, String>> shown,
      Instant next) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<Integration> found = store.find(context, asked.id());
      if (found.isEmpty() || found.get().credentialVersion() != asked.credentialVersion()) {
        return;
      }
      Integration before = found.get();
      Map<String, String> config = new TreeMap<>(before.config());
      // What the vault holds is what counts; a row that says otherwise is put right.
      shown.ifPresent(config::putAll);
      Integration after = before.checked(result, checkedVersion, config, next);
      boolean changes = after.status() != before.status();
      Optional<AuditEvent> event =
          changes
              ? Optional.of(
                  event(context, after, result.at(), "integration.status_changed")
                      .with("from", before.status().lowerCaseName())
                      .with("verdict", result.verdict().name()))
              : Optional.empty();
      if (store.update(context, after, before.version(), true, event)) {
        if (changes && after.status() == IntegrationStatus.ERROR) {
          runtime.events().publish(failed(after, result));
        }
        return;
      }
    }
    throw ConflictException.stale("integration");
  }

  private static Event failed(Integration row, CheckResult result) {
    return Event.of(
        EventType.INTEGRATION_FAILED,
        result.at(),
        row.organization(),
        row.id().value(),
        Map.of(
            "provider", row.provider(),
            "environment", row.environment().name(),
            "verdict", result.verdict().name()));
  }

  /** Names and ids, never a provider's text. */
  AuditEvent event(TenantContext context, Integration row, Instant at, String action) {
    return runtime
        .event(context, at, action, "integration", row.id().value())
        .with(
            Map.of(
                "provider", row.provider(),
                "environment", row.environment().name(),
                "name", row.name(),
                "status", row.status().lowerCaseName()));
  }
}
