package io.tenantkit.vault.backup;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.util.Map;
import java.util.Optional;

/** The events of whole backups, each committed on its own. Stateless. */
final class Trail {
  private Trail() {}

  static void started(RestoreRun run) {
    write(
        run.runtime,
        run.context,
        run.operator,
        "backup.restore_started",
        Map.of(
            "backup",
            run.fileId,
            "dryRun",
            Boolean.toString(run.options.dryRun()),
            "onConflict",
            run.options.onConflict().name()));
  }

  static void write(
      PlaneRuntime runtime,
      TenantContext context,
      Optional<Operator> operator,
      String action,
      Map<String, String> details) {
    AuditEvent event =
        operator
            .map(by -> runtime.event(by, context.organization(), runtime.now(), action))
            .orElseGet(
                () ->
                    runtime.event(
                        context,
                        runtime.now(),
                        action,
                        "organization",
                        context.organization().value()));
    runtime.coreStores().audit().append(context, event.with(details));
  }
}
