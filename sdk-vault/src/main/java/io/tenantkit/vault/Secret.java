package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A secret as it may be shown: everything but its values. Times have microsecond precision.
 *
 * @param id never changes
 * @param organization the tenant it belongs to
 * @param projectId the project's id, which never changes
 * @param ref where it is found
 * @param type what it is, for example {@code secret} or {@code livekit}
 * @param description what is said of it
 * @param stages which versions are current, pending and previous
 * @param maxVersions how many versions are kept, 1 to {@value #MAX_VERSIONS}: a put destroys older
 *     ones that have no stage
 * @param expiresAt when the current version expires; empty when it does not
 * @param deletedAt when it was deleted; empty unless it waits to be undeleted or destroyed
 * @param owner who created it, as the creator's context named its principal
 * @param access whom it is for
 * @param createdAt when
 * @param updatedAt when it was last changed
 * @param revision one more with every change of it or its versions, from 1
 */
public record Secret(
    SecretId id,
    OrganizationId organization,
    String projectId,
    SecretRef ref,
    String type,
    SecretDescription description,
    SecretStages stages,
    int maxVersions,
    Optional<Instant> expiresAt,
    Optional<Instant> deletedAt,
    Actor owner,
    AccessLevel access,
    Instant createdAt,
    Instant updatedAt,
    long revision) {

  /** The type of a secret that is nothing in particular. */
  public static final String PLAIN = "secret";

  /** The most versions that a secret may keep. */
  public static final int MAX_VERSIONS = 100;

  /** How many versions a secret keeps unless it is told otherwise. */
  public static final int DEFAULT_VERSIONS = 10;

  public Secret {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(ref, "ref");
    SecretRef.requireName("type", type);
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(stages, "stages");
    requireMaxVersions(maxVersions);
    Objects.requireNonNull(expiresAt, "expiresAt");
    Objects.requireNonNull(deletedAt, "deletedAt");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(access, "access");
  }

  /**
   * A secret before its first version: nothing is said of it, nothing of it is current, it is its
   * owner's alone, and its revision is 0.
   */
  public static Secret planned(
      SecretId id,
      OrganizationId organization,
      String projectId,
      SecretRef ref,
      String type,
      Actor owner,
      Instant now) {
    return new Secret(
        id,
        organization,
        projectId,
        ref,
        type,
        SecretDescription.none(),
        SecretStages.none(),
        DEFAULT_VERSIONS,
        Optional.empty(),
        Optional.empty(),
        owner,
        AccessLevel.PRIVATE,
        now,
        now,
        0);
  }

  /** The number of the version that reveal and use read; 0 while there is but a pending one. */
  public long currentVersion() {
    return stages.current();
  }

  /** The id of the actor that created it. */
  public String createdBy() {
    return owner.id();
  }

  /** Its tags. */
  public Set<String> tags() {
    return description.tags();
  }

  /** What it is at this time. */
  public SecretStatus statusAt(Instant now) {
    if (deletedAt.isPresent()) {
      return SecretStatus.DELETED;
    }
    return isPast(expiresAt, now) ? SecretStatus.EXPIRED : SecretStatus.ACTIVE;
  }

  static boolean isPast(Optional<Instant> time, Instant now) {
    return time.isPresent() && !time.get().isAfter(now);
  }

  static void requireMaxVersions(int maxVersions) {
    if (maxVersions < 1 || maxVersions > MAX_VERSIONS) {
      throw new InvalidInputException("maxVersions", "1 to " + MAX_VERSIONS);
    }
  }

  /** The same secret, one revision on, with the next version put. */
  public Secret withNextVersion(boolean pending, Optional<Instant> expires, Instant now) {
    return changed(
        description,
        stages.withNext(pending),
        maxVersions,
        pending ? expiresAt : expires,
        deletedAt,
        now);
  }

  /** One revision on, with other stages and the expiry of the version that is then current. */
  Secret withStages(SecretStages newStages, Optional<Instant> expires, Instant now) {
    return changed(description, newStages, maxVersions, expires, deletedAt, now);
  }

  /** One revision on, with nothing else changed than a version of it. */
  Secret touched(Instant now) {
    return changed(description, stages, maxVersions, expiresAt, deletedAt, now);
  }

  /** One revision on, deleted or not. */
  Secret withDeletedAt(Optional<Instant> deleted, Instant now) {
    return changed(description, stages, maxVersions, expiresAt, deleted, now);
  }

  /** The same revision, saying this and keeping so many. */
  public Secret saying(SecretDescription newDescription, int newMaxVersions) {
    return new Secret(
        id,
        organization,
        projectId,
        ref,
        type,
        newDescription,
        stages,
        newMaxVersions,
        expiresAt,
        deletedAt,
        owner,
        access,
        createdAt,
        updatedAt,
        revision);
  }

  /** The same revision, for others. */
  Secret madeFor(AccessLevel newAccess) {
    return new Secret(
        id,
        organization,
        projectId,
        ref,
        type,
        description,
        stages,
        maxVersions,
        expiresAt,
        deletedAt,
        owner,
        newAccess,
        createdAt,
        updatedAt,
        revision);
  }

  private Secret changed(
      SecretDescription newDescription,
      SecretStages newStages,
      int newMaxVersions,
      Optional<Instant> expires,
      Optional<Instant> deleted,
      Instant now) {
    return new Secret(
        id,
        organization,
        projectId,
        ref,
        type,
        newDescription,
        newStages,
        newMaxVersions,
        expires,
        deleted,
        owner,
        access,
        createdAt,
        now,
        revision + 1);
  }
}
