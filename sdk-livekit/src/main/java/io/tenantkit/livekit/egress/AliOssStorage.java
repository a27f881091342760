package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.secret.SecretValue;
import java.util.Objects;
import java.util.Optional;

/**
 * A bucket of Alibaba's Object Storage Service. Immutable.
 *
 * @param bucket its name, 1 to 256 bytes
 * @param region where, 1 to 256 bytes
 * @param accessKey the id of the key
 * @param secret the key
 * @param endpoint another than the region's, {@code https} or {@code http}
 */
public record AliOssStorage(
    String bucket,
    String region,
    SecretValue accessKey,
    SecretValue secret,
    Optional<SecretUrl> endpoint)
    implements EgressStorage {
  /** Checks the bounds. */
  public AliOssStorage {
    RequestTexts.name("bucket", bucket, 256);
    RequestTexts.name("region", region, 256);
    Objects.requireNonNull(accessKey, "accessKey");
    Objects.requireNonNull(secret, "secret");
    endpoint.ifPresent(url -> url.require("endpoint", "https", "http"));
  }

  /** The bucket. */
  @Override
  public String toString() {
    return "AliOssStorage[" + bucket + "]";
  }
}
