package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.secret.SecretValue;
import java.util.Objects;

/**
 * A bucket of Google Cloud Storage. Immutable.
 *
 * @param bucket its name, 1 to 256 bytes
 * @param credentials a service account's, as the JSON that Google gives
 */
public record GoogleStorage(String bucket, SecretValue credentials) implements EgressStorage {
  /** Checks the bound. */
  public GoogleStorage {
    RequestTexts.name("bucket", bucket, 256);
    Objects.requireNonNull(credentials, "credentials");
  }

  /** The bucket. */
  @Override
  public String toString() {
    return "GoogleStorage[" + bucket + "]";
  }
}
