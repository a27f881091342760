package io.tenantkit.apikey;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;

/** Switches keys on and off, and revokes them. */
final class KeySwitch {
  private final KeyWriter writer;

  KeySwitch(KeyWriter writer) {
    this.writer = writer;
  }

  ApiKey setEnabled(TenantContext context, ApiKeyId id, boolean enabled) {
    return writer.change(
        context,
        id,
        before -> {
          ApiKey key = before.key();
          if (enabled) {
            // To switch on a key whose text one has is to be granted what it may do.
            Authority.requireMayHold(context, key.mode(), key.grants(), key.expiresAt());
          }
          if (key.revocation().isPresent()) {
            throw new ConflictException("api key is revoked");
          }
          if (key.enabled() == enabled) {
            return key;
          }
          Instant now = writer.now();
          String action = enabled ? "api_key.enabled" : "api_key.disabled";
          return writer.update(
              context,
              before,
              key.withEnabled(enabled, now),
              writer.event(context, now, action, id));
        });
  }

  ApiKey revoke(TenantContext context, ApiKeyId id, String reason) {
    return writer.change(
        context,
        id,
        before -> {
          if (before.key().revocation().isPresent()) {
            return before.key();
          }
          Instant now = writer.now();
          AuditEvent event =
              writer.event(context, now, "api_key.revoked", id).with("reason", reason);
          return writer.update(context, before, before.key().revoked(reason, now), event);
        });
  }
}
