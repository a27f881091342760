package io.tenantkit.livekit;

import io.tenantkit.tenant.Environment;
import java.time.Instant;
import java.util.Objects;

/**
 * An organization's LiveKit credentials as they may be shown: all but the secret.
 *
 * @param environment where they hold
 * @param serverUrl the server
 * @param apiKey the key's public id
 * @param version counts replacements, from 1
 * @param updatedAt when they were stored, microsecond precision
 */
public record LiveKitConnection(
    Environment environment, ServerUrl serverUrl, String apiKey, long version, Instant updatedAt) {

  /** Checks that all is there. */
  public LiveKitConnection {
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(serverUrl, "serverUrl");
    Objects.requireNonNull(apiKey, "apiKey");
    Objects.requireNonNull(updatedAt, "updatedAt");
  }
}
