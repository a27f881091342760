package io.tenantkit.vault;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

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
}
