package io.tenantkit.apikey;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Replaces keys; the states are those of {@link Rotation}. */
final class KeyRotation {
  private final KeyWriter writer;

  KeyRotation(KeyWriter writer) {
    this.writer = writer;
  }

  IssuedApiKey rotate(TenantContext context, ApiKeyId id, Rotation rotation) {
    return writer.change(context, id, before -> rotate(context, before, rotation));
  }

  private IssuedApiKey rotate(TenantContext context, StoredApiKey before, Rotation rotation) {
    ApiKey old = before.key();
    KeyPolicy policy = writer.policy(context);
    Instant now = writer.now();
    Optional<Instant> end =
        Authority.earlier(
            old.expiresAt(), policy.longestLifetime().map(life -> Authority.after(now, life)));
    Authority.requireMayHold(context, old.mode(), old.grants(), end);
    requireRotatable(old, now);
    KeyDraft next =
        new KeyDraft(
            writer.nextId(),
            old.mode(),
            old.name(),
            old.description(),
            old.grants(),
            old.enabled(),
            end,
            Optional.of(old.family()));
    ApiKey retired = retire(old, next.id(), rotation, now);
    AuditEvent event =
        writer
            .event(context, now, "api_key.rotated", old.id())
            .with(
                Map.of(
                    "successor",
                    next.id().value(),
                    "graceSeconds",
                    Long.toString(rotation.grace().toSeconds())));
    Optional<IssuedApiKey> issued =
        writer.issue(
            policy,
            old.mode(),
            prefix -> next.key(context, prefix, now),
            Optional.empty(),
            row -> {
              StoredApiKey retiredRow = new StoredApiKey(retired, before.hash(), before.creation());
              boolean won = writer.rotate(context, retiredRow, row, event);
              writer.evictAfterCommit(context, before.hash());
              return won;
            });
    if (issued.isEmpty()) {
      requireRotatable(writer.find(context, old.id()).key(), now);
      throw ConflictException.stale("api key");
    }
    return issued.get();
  }

  private static void requireRotatable(ApiKey old, Instant now) {
    if (old.successor().isPresent()) {
      throw ConflictException.with(
          "api key was rotated already; its successor is", old.successor().get().value());
    }
    if (old.revocation().isPresent() || old.expired(now)) {
      throw new ConflictException("api key is revoked or expired");
    }
  }

  /**
   * Without grace the old key is revoked at once; with grace it ends then, or earlier when it was
   * due earlier.
   */
  private static ApiKey retire(ApiKey old, ApiKeyId next, Rotation rotation, Instant now) {
    if (rotation.grace().isZero()) {
      return old.replacedAtOnce(next, now);
    }
    return old.replacedUntil(Authority.after(now, rotation.grace()), next, now);
  }
}
