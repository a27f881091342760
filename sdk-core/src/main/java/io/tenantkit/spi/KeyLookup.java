package io.tenantkit.spi;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.Organization;
import java.util.List;
import java.util.Objects;

/**
 * What a presented key's hash leads to.
 *
 * @param key the key, without its use
 * @param status its organization's status
 * @param pool the limits that all keys of its organization share
 * @param awaitsFirstUse whether its first use must be recorded before it counts
 */
public record KeyLookup(
    ApiKey key, Organization.Status status, List<RateLimit> pool, boolean awaitsFirstUse) {
  public KeyLookup {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(status, "status");
    pool = List.copyOf(pool);
  }
}
