package io.tenantkit.apikey;

import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Optional;

/**
 * A key that is about to be stored, before its secret was drawn.
 *
 * @param family the family it continues; empty when it begins one
 */
record KeyDraft(
    ApiKeyId id,
    KeyMode mode,
    String name,
    Optional<String> description,
    KeyGrants grants,
    boolean enabled,
    Optional<Instant> expiresAt,
    Optional<ApiKeyId> family) {

  /** The key as the caller makes it at this time, recognised by these first characters. */
  ApiKey key(TenantContext context, String prefix, Instant now) {
    return new ApiKey(
        id,
        context.organization(),
        name,
        description,
        prefix,
        mode,
        grants,
        enabled,
        context.actor().id(),
        now,
        now,
        expiresAt,
        Optional.empty(),
        family.orElse(id),
        Optional.empty(),
        KeyUse.never(),
        1);
  }
}
