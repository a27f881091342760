package io.tenantkit.vault.rotation;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.StoredRotation;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the room is assembled of, and what its parts share. Immutable.
 *
 * @param rotators by type of secret
 * @param lease how long a node may be silent before another one takes up its work
 * @param node this node, in rows
 */
record RotationParts(
    PlaneRuntime runtime,
    SecretVault vault,
    RotationStore store,
    Map<String, SecretRotator> rotators,
    RotatorCalls calls,
    Duration lease,
    int attemptsPerDay,
    String node) {

  AuditEvent audit(
      TenantContext context,
      StoredRotation row,
      Instant at,
      String action,
      Map<String, String> more) {
    return runtime
        .event(context, at, action, "secret", row.secret().value())
        .with(details(row, more));
  }

  void publish(
      EventType type,
      TenantContext context,
      StoredRotation row,
      Instant at,
      Map<String, String> more) {
    runtime
        .events()
        .publish(
            Event.of(type, at, context.organization(), row.secret().value(), details(row, more)));
  }

  private static Map<String, String> details(StoredRotation row, Map<String, String> more) {
    Map<String, String> details = new TreeMap<>(more);
    details.put("project", row.ref().project());
    details.put("environment", row.ref().environment().name());
    details.put("name", row.ref().name());
    return details;
  }

  /** When the current version was put. */
  Instant inForceSince(TenantContext context, Secret secret) {
    return vault.versions(context, secret.ref()).stream()
        .filter(version -> version.number() == secret.currentVersion())
        .map(SecretVersion::createdAt)
        .findFirst()
        .orElse(secret.updatedAt());
  }

  /**
   * When somebody put the current version, if it is another one than that of the row: the due date
   * then moves on.
   */
  Optional<Instant> putSince(TenantContext context, StoredRotation row, Secret secret) {
    return !row.isUnderWay() && secret.currentVersion() > row.baseVersion()
        ? Optional.of(inForceSince(context, secret))
        : Optional.empty();
  }

  /** When it is due after a value came into force at a time. */
  static Optional<Instant> dueAfter(StoredRotation row, Instant inForce) {
    RotationPolicy policy = row.policy();
    Optional<Instant> once = policy.at();
    if (once.isPresent()) {
      // What is put long before the time does not stand for what was to be done then.
      return inForce.isBefore(once.get().minus(policy.notice())) ? row.dueAt() : Optional.empty();
    }
    return policy.dueAfter(inForce).map(due -> due.truncatedTo(ChronoUnit.MICROS));
  }
}
