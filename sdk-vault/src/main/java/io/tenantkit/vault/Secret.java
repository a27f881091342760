package io.tenantkit.vault;

import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Objects;

/**
 * A secret as it may be shown: everything but its values. Times have microsecond precision.
 *
 * @param id never changes
 * @param organization the tenant it belongs to
 * @param projectId the project's id, which never changes
 * @param ref where it is found
 * @param type what it is, for example {@code secret} or {@code livekit}
 * @param currentVersion the number of the version that reveal and use read, from 1
 * @param createdBy the actor that created it
 * @param createdAt when
 * @param updatedAt when its newest version was put
 */
public record Secret(
    SecretId id,
    OrganizationId organization,
    String projectId,
    SecretRef ref,
    String type,
    long currentVersion,
    String createdBy,
    Instant createdAt,
    Instant updatedAt) {

  /** The type of a secret that is nothing in particular. */
  public static final String PLAIN = "secret";

  public Secret {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(ref, "ref");
    SecretRef.requireName("type", type);
  }

  Secret withNewVersion(Instant now) {
    return new Secret(
        id, organization, projectId, ref, type, currentVersion + 1, createdBy, createdAt, now);
  }
}
