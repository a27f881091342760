package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.secret.SecretValue;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A bucket of Amazon S3, or of what speaks its protocol. Immutable.
 *
 * @param bucket its name, 1 to 256 bytes
 * @param region where, 1 to 256 bytes
 * @param accessKey the id of the key
 * @param secret the key
 * @param sessionToken of temporary credentials
 * @param assumeRole a role to take on first, and its external id
 * @param endpoint of another service than Amazon's, {@code https} or {@code http}
 * @param pathStyle whether the bucket is named in the path, and not in the host
 * @param metadata of the objects, at most 32 with texts of at most 1,024 bytes
 * @param tagging of the objects, as a query has it, at most 1,024 bytes
 * @param contentDisposition of the objects, at most 1,024 bytes
 */
public record S3Storage(
    String bucket,
    Optional<String> region,
    SecretValue accessKey,
    SecretValue secret,
    Optional<SecretValue> sessionToken,
    Optional<Role> assumeRole,
    Optional<SecretUrl> endpoint,
    boolean pathStyle,
    Map<String, String> metadata,
    Optional<String> tagging,
    Optional<String> contentDisposition)
    implements EgressStorage {

  /**
   * A role to take on.
   *
   * @param arn which, 1 to 2,048 bytes
   * @param externalId as the role's owner wants it
   */
  public record Role(String arn, Optional<SecretValue> externalId) {
    /** Checks the bound. */
    public Role {
      RequestTexts.name("assumeRole", arn, 2_048);
      Objects.requireNonNull(externalId, "externalId");
    }
  }

  /** Checks the bounds. */
  public S3Storage {
    RequestTexts.name("bucket", bucket, 256);
    RequestTexts.name("region", region, 256);
    Objects.requireNonNull(accessKey, "accessKey");
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(sessionToken, "sessionToken");
    Objects.requireNonNull(assumeRole, "assumeRole");
    endpoint.ifPresent(url -> url.require("endpoint", "https", "http"));
    metadata = RequestTexts.texts("metadata", metadata, 32, 1_024);
    RequestTexts.name("tagging", tagging, 1_024);
    RequestTexts.name("contentDisposition", contentDisposition, 1_024);
  }

  /** A bucket of Amazon's. */
  public static S3Storage of(
      String bucket, String region, SecretValue accessKey, SecretValue secret) {
    return new S3Storage(
        bucket,
        Optional.of(region),
        accessKey,
        secret,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** Of another service, with the bucket named in the path. */
  public S3Storage at(SecretUrl service) {
    return new S3Storage(
        bucket,
        region,
        accessKey,
        secret,
        sessionToken,
        assumeRole,
        Optional.of(service),
        true,
        metadata,
        tagging,
        contentDisposition);
  }

  /** With temporary credentials. */
  public S3Storage session(SecretValue token) {
    return new S3Storage(
        bucket,
        region,
        accessKey,
        secret,
        Optional.of(token),
        assumeRole,
        endpoint,
        pathStyle,
        metadata,
        tagging,
        contentDisposition);
  }

  /** In a role that is taken on first. */
  public S3Storage as(Role role) {
    return new S3Storage(
        bucket,
        region,
        accessKey,
        secret,
        sessionToken,
        Optional.of(role),
        endpoint,
        pathStyle,
        metadata,
        tagging,
        contentDisposition);
  }

  /** With these texts on the objects. */
  public S3Storage metadata(Map<String, String> texts) {
    return new S3Storage(
        bucket,
        region,
        accessKey,
        secret,
        sessionToken,
        assumeRole,
        endpoint,
        pathStyle,
        texts,
        tagging,
        contentDisposition);
  }

  /** The bucket. */
  @Override
  public String toString() {
    return "S3Storage[" + bucket + "]";
  }
}
