package io.tenantkit.tenant;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.spi.PlaneRuntime;
import java.util.List;

/**
 * The teams of organizations, and who is in them. A secret that is shared with a team is seen by
 * its members, so whoever may say who is in a team decides who sees it: that is {@link
 * Scopes#TEAMS_MANAGE}. Every change is in the audit trail. Another organization's team is as
 * unknown as one that never was. Safe for use by several threads; blocks on the storage.
 *
 * <p>A member is an {@link Actor} of the kind {@code USER}, {@code API_KEY} or {@code AGENT}. An
 * API key must be one of the organization; whichever key of a line of rotations is named, all of
 * the line are in the team, so that a rotated key stays in it. Of people and agents only the id is
 * known here, and nobody asks whether there is such a one.
 */
public interface Teams {
  /** The most teams of one organization. */
  int MAX_TEAMS = 1_000;

  /** The most members of one team. */
  int MAX_MEMBERS = 1_000;

  /** Teams over this runtime. Hosts call {@link io.tenantkit.ControlPlane#teams()}. */
  static Teams of(PlaneRuntime runtime) {
    return new DefaultTeams(runtime);
  }

  /**
   * Adds a team without members. Needs {@link Scopes#TEAMS_MANAGE}.
   *
   * @param name 1 to {@value Team#MAX_NAME} characters
   * @throws io.tenantkit.ConflictException when a team of the organization has the name, or it has
   *     {@value #MAX_TEAMS} teams
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  Team create(TenantContext context, String name);

  /**
   * Gives a team another name. Does nothing when it has that name. Needs {@link
   * Scopes#TEAMS_MANAGE}.
   *
   * @throws io.tenantkit.ConflictException when another team has the name, or somebody else renamed
   *     the team meanwhile
   * @throws io.tenantkit.NotFoundException when there is no such team
   */
  Team rename(TenantContext context, TeamId id, String name);

  /**
   * One team. Needs {@link Scopes#TEAMS_READ}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such team
   */
  Team get(TenantContext context, TeamId id);

  /** Teams by id. Needs {@link Scopes#TEAMS_READ}. */
  Page<Team> list(TenantContext context, PageRequest page);

  /**
   * Deletes a team: its members see no longer what was shared with it. Needs {@link
   * Scopes#TEAMS_MANAGE}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such team
   */
  void delete(TenantContext context, TeamId id);

  /**
   * Puts somebody into a team. Does nothing when it is in it. Needs {@link Scopes#TEAMS_MANAGE}.
   *
   * @return whether it was not in the team before
   * @throws io.tenantkit.NotFoundException when there is no such team, or no such API key
   * @throws io.tenantkit.ConflictException when the team has {@value #MAX_MEMBERS} members
   * @throws io.tenantkit.InvalidInputException when it is no person, API key or agent
   */
  boolean addMember(TenantContext context, TeamId id, Actor member);

  /**
   * Takes somebody out of a team. Does nothing when it is not in it. Needs {@link
   * Scopes#TEAMS_MANAGE}.
   *
   * @return whether it was in the team
   * @throws io.tenantkit.NotFoundException when there is no such team
   * @throws io.tenantkit.InvalidInputException when it is no person, API key or agent
   */
  boolean removeMember(TenantContext context, TeamId id, Actor member);

  /**
   * Who is in a team, by kind and id. Needs {@link Scopes#TEAMS_READ}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such team
   */
  List<TeamMember> members(TenantContext context, TeamId id);

  /**
   * In which teams somebody is, by id. Needs {@link Scopes#TEAMS_READ}, but not to ask for oneself.
   */
  List<Team> teamsOf(TenantContext context, Actor member);
}
