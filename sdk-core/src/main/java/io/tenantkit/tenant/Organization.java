package io.tenantkit.tenant;

import io.tenantkit.spi.Texts;
import java.time.Instant;
import java.util.Objects;

/**
 * An organization, which is the tenant.
 *
 * @param id chosen by the host, never changes
 * @param name for people, 1 to 255 characters
 * @param status whether its keys and tokens work
 * @param settings plan, notes, limits and policy
 * @param createdAt microsecond precision
 * @param updatedAt microsecond precision
 * @param version counts changes, from 1
 */
public record Organization(
    OrganizationId id,
    String name,
    Status status,
    OrganizationSettings settings,
    Instant createdAt,
    Instant updatedAt,
    long version) {

  /** Whether the organization's keys and tokens work. */
  public enum Status {
    /** All works. */
    ACTIVE,
    /** Every key is refused and no token is issued; nothing is deleted. */
    SUSPENDED
  }

  public Organization {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(settings, "settings");
    Texts.require("name", name, 255);
  }

  /** The same organization with another status, one version on. */
  public Organization withStatus(Status changed, Instant now) {
    return new Organization(id, name, changed, settings, createdAt, now, version + 1);
  }

  /** The same organization with another name, one version on. */
  public Organization withName(String changed, Instant now) {
    return new Organization(id, changed, status, settings, createdAt, now, version + 1);
  }

  /** The same organization with other settings, one version on. */
  public Organization withSettings(OrganizationSettings changed, Instant now) {
    return new Organization(id, name, status, changed, createdAt, now, version + 1);
  }
}
