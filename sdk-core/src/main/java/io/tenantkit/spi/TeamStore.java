package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TeamMember;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Teams and their members. Every verb is atomic, sees only the caller's organization and joins the
 * transaction that the context carries. What counts rows counts them once nobody else can add any,
 * so a bound is never passed, however many add at once.
 */
public interface TeamStore {

  /** What became of a change. Unless it is {@link #DONE}, nothing was written. */
  enum Outcome {
    /** It is done, and its event written. */
    DONE,
    /** It was so already. */
    UNCHANGED,
    /** There is no such team, or no longer at the version that was expected. */
    UNKNOWN,
    /** Another team of the organization has the name. */
    NAME_TAKEN,
    /** There are as many already as there may be. */
    FULL
  }

  /**
   * Adds a team and writes the event.
   *
   * @param most how many teams the organization may have
   * @return done, name taken or full
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  Outcome insert(TenantContext context, Team team, int most, AuditEvent event);

  /** One team. */
  Optional<Team> find(TenantContext context, TeamId id);

  /** Teams by id in ASCII order, from the first after {@code afterId}. */
  List<Team> list(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Replaces a team when its version is still the expected one, and writes the event.
   *
   * @return done, unknown or name taken
   */
  Outcome update(TenantContext context, Team changed, long expectedVersion, AuditEvent event);

  /**
   * Deletes a team with its members and writes the event.
   *
   * @return false, with nothing written, when there is no such team
   */
  boolean delete(TenantContext context, TeamId id, AuditEvent event);

  /**
   * Adds a member and writes the event.
   *
   * @param most how many members the team may have
   * @return done, unchanged, unknown or full
   */
  Outcome addMember(TenantContext context, TeamId id, TeamMember added, int most, AuditEvent event);

  /**
   * Removes a member and writes the event.
   *
   * @return done, unchanged or unknown
   */
  Outcome removeMember(TenantContext context, TeamId id, Actor member, AuditEvent event);

  /** The members of a team by kind and id in ASCII order; none when there is no such team. */
  List<TeamMember> members(TenantContext context, TeamId id, int limit);

  /** The teams that somebody is in, by id in ASCII order. */
  List<Team> teamsOf(TenantContext context, Actor member, int limit);
}
