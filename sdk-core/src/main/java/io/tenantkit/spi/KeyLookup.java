package io.tenantkit.spi;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.tenant.Organization;
import java.util.Objects;

/**
 * What a presented key's hash leads to.
 *
 * @param key the key
 * @param status its organization's status
 */
public record KeyLookup(ApiKey key, Organization.Status status) {
  public KeyLookup {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(status, "status");
  }
}
