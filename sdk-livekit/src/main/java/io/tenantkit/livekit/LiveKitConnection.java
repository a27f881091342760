package io.tenantkit.livekit;

import io.tenantkit.tenant.Environment;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An organization's LiveKit credentials as they may be shown: all but the secret.
 *
 * @param environment where they hold
 * @param serverUrl the server
 * @param apiKey the key's public id
 * @param version counts replacements, from 1
 * @param updatedAt when they were stored, microsecond precision
 * @param shortSecret whether the secret has fewer characters than the 32 that LiveKit asks for (RFC
 *     7518 §3.2)
 * @param replaced keys that still verify beside this one, the last that was replaced first
 * @param lastCheck how the last check of these credentials ended; empty when they were not checked
 *     since they were stored
 */
public record LiveKitConnection(
    Environment environment,
    ServerUrl serverUrl,
    String apiKey,
    long version,
    Instant updatedAt,
    boolean shortSecret,
    List<Replaced> replaced,
    Optional<LiveKitCheck> lastCheck) {

  /**
   * A key that was replaced with an overlap.
   *
   * @param apiKey its public id
   * @param until until when it verifies
   */
  public record Replaced(String apiKey, Instant until) {
    /** Checks that all is there. */
    public Replaced {
      Objects.requireNonNull(apiKey, "apiKey");
      Objects.requireNonNull(until, "until");
    }
  }

  /** Checks that all is there. */
  public LiveKitConnection {
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(serverUrl, "serverUrl");
    Objects.requireNonNull(apiKey, "apiKey");
    Objects.requireNonNull(updatedAt, "updatedAt");
    replaced = List.copyOf(replaced);
    Objects.requireNonNull(lastCheck, "lastCheck");
  }
}
