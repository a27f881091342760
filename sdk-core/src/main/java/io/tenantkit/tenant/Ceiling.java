package io.tenantkit.tenant;

import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a caller's own key is held to, besides its scopes: what that caller creates is held to no
 * less. Immutable.
 *
 * @param expiresAt when it ends, if ever
 * @param limits its rate limits
 * @param credits its budget, if it has one
 * @param addresses from where it works
 */
public record Ceiling(
    Optional<Instant> expiresAt,
    List<RateLimit> limits,
    Optional<Credits> credits,
    AddressList addresses) {
  public Ceiling {
    Objects.requireNonNull(expiresAt, "expiresAt");
    limits = List.copyOf(limits);
    Objects.requireNonNull(credits, "credits");
    Objects.requireNonNull(addresses, "addresses");
  }

  /** Whether nothing is held to anything. */
  public boolean isOpen() {
    return expiresAt.isEmpty() && limits.isEmpty() && credits.isEmpty() && addresses.isAnywhere();
  }
}
