package io.tenantkit.apikey;

import io.tenantkit.secret.SecretValue;
import java.util.Objects;

/**
 * A key that was just created, with the full key, which exists only here. Close it when the key has
 * been handed over; that wipes it.
 *
 * @param key what may be shown
 * @param secret the full key
 */
public record IssuedApiKey(ApiKey key, SecretValue secret) implements AutoCloseable {
  public IssuedApiKey {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(secret, "secret");
  }

  @Override
  public void close() {
    secret.close();
  }
}
