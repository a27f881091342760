package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Makes the audit events of secrets. Immutable. */
final class SecretEvents {
  private static final String TARGET = "secret";

  private final PlaneRuntime runtime;

  SecretEvents(PlaneRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * An event on a secret.
   *
   * @param version the number of the version that it is about
   */
  AuditEvent of(TenantContext context, Secret secret, long version, Instant at, String action) {
    return of(context, secret, version, at, action, Map.of());
  }

  /** With more details; what the row says of itself stands, whatever they add. */
  AuditEvent of(
      TenantContext context,
      Secret secret,
      long version,
      Instant at,
      String action,
      Map<String, String> more) {
    Map<String, String> details =
        Map.of(
            "project", secret.ref().project(),
            "environment", secret.ref().environment().name(),
            "name", secret.ref().name(),
            "version", Long.toString(version));
    if (!more.isEmpty()) {
      Map<String, String> all = new TreeMap<>(more);
      all.putAll(details);
      details = all;
    }
    return runtime.event(context, at, action, TARGET, secret.id().value(), details);
  }

  /**
   * Work on rows that may have been tampered with, which is told. In a transaction that the caller
   * joined it is told there, for nothing commits beside it.
   *
   * @param version the number of the version that is worked on
   * @param operation what the rows were needed for
   */
  <T> T tellingRejection(
      TenantContext context, Secret secret, long version, String operation, Supplier<T> work) {
    try {
      return work.get();
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        rejected(context, secret, version, operation, e);
      }
      throw e;
    }
  }

  /**
   * That a row was tampered with is itself worth a line of the trail, committed on its own, and an
   * event for whoever watches.
   *
   * @param rejected what the caller is going to throw
   */
  void rejected(
      TenantContext context,
      Secret secret,
      long version,
      String operation,
      TenantkitException rejected) {
    Map<String, String> operationOnly = Map.of("operation", operation);
    Instant now = runtime.now();
    try {
      tell(context, of(context, secret, version, now, "secret.rejected", operationOnly));
    } catch (TenantkitException e) {
      rejected.addSuppressed(e);
    }
  }

  /**
   * The same of a row of which no more is known than its id: of work on many, which goes on.
   *
   * @throws TenantkitException when the line cannot be written
   */
  void rejected(TenantContext context, String secretId, long version, String operation) {
    Map<String, String> details = Map.of("version", Long.toString(version), "operation", operation);
    Instant now = runtime.now();
    tell(context, runtime.event(context, now, "secret.rejected", TARGET, secretId, details));
  }

  private void tell(TenantContext context, AuditEvent row) {
    runtime
        .events()
        .publish(
            Event.of(
                EventType.SECRET_REJECTED,
                row.at(),
                context.organization(),
                row.targetId(),
                row.details()));
    runtime.coreStores().audit().append(context, row);
  }
}
