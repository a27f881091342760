package io.tenantkit.spi;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.KeyHash;
import java.util.Objects;
import java.util.Optional;

/**
 * An API key as it is stored: what may be shown, and the hash by which it is found.
 *
 * @param key what may be shown
 * @param hash SHA-256 of the full key, unique over all organizations
 * @param creation how it was created, when that may be repeated
 */
public record StoredApiKey(ApiKey key, KeyHash hash, Optional<IdempotentCreation> creation) {
  public StoredApiKey {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(hash, "hash");
    Objects.requireNonNull(creation, "creation");
  }

  /** A key whose creation cannot be repeated. */
  public StoredApiKey(ApiKey key, KeyHash hash) {
    this(key, hash, Optional.empty());
  }
}
