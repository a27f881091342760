package io.tenantkit.spi;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.KeyHash;
import java.util.Objects;

/**
 * An API key as it is stored: what may be shown, and the hash by which it is found.
 *
 * @param key what may be shown
 * @param hash SHA-256 of the full key, unique over all organizations
 */
public record StoredApiKey(ApiKey key, KeyHash hash) {
  public StoredApiKey {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(hash, "hash");
  }
}
