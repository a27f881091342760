package io.tenantkit.tenant;

import io.tenantkit.spi.Texts;
import java.time.Instant;
import java.util.Objects;

/**
 * Some of an organization's people, API keys and agents, who see what is shared with the team.
 * Times have microsecond precision.
 *
 * @param id never changes
 * @param organization the tenant it belongs to
 * @param name for people, 1 to {@value #MAX_NAME} characters; no two teams of an organization have
 *     the same, compared character by character
 * @param createdBy the actor that created it
 * @param createdAt when
 * @param updatedAt when it was last renamed; its members are not counted
 * @param version counts changes of the name, from 1
 */
public record Team(
    TeamId id,
    OrganizationId organization,
    String name,
    String createdBy,
    Instant createdAt,
    Instant updatedAt,
    long version) {
  /** The longest name, in characters. */
  public static final int MAX_NAME = 128;

  public Team {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(organization, "organization");
    Texts.require("name", name, MAX_NAME);
    Objects.requireNonNull(createdBy, "createdBy");
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(updatedAt, "updatedAt");
  }

  /** The same team with another name, one version on. */
  Team withName(String changed, Instant now) {
    return new Team(id, organization, changed, createdBy, createdAt, now, version + 1);
  }
}
