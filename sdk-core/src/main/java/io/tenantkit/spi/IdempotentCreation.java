package io.tenantkit.spi;

import io.tenantkit.apikey.KeyHash;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How a key was created, when its creator may repeat the call.
 *
 * @param id the creator's own, unique in the organization
 * @param request SHA-256 of what was asked for
 * @param firstUsedAt when the key was first verified, which ends the repeats
 */
public record IdempotentCreation(String id, KeyHash request, Optional<Instant> firstUsedAt) {
  public IdempotentCreation {
    Texts.require("idempotencyId", id, 255);
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(firstUsedAt, "firstUsedAt");
  }
}
