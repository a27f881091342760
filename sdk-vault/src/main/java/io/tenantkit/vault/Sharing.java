package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.TeamId;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * With whom a secret is shared. Immutable.
 *
 * @param level whom it is for
 * @param teams 1 to {@value #MAX_TEAMS} teams of the organization for {@link AccessLevel#TEAM},
 *     none for the others. A team that is deleted is shared with no longer; when none is left, only
 *     the owner sees the secret
 */
public record Sharing(AccessLevel level, SortedSet<TeamId> teams) {
  /** The most teams that one secret is shared with. */
  public static final int MAX_TEAMS = 15;

  private static final Sharing PRIVATE = of(AccessLevel.PRIVATE);

  public Sharing {
    Objects.requireNonNull(level, "level");
    teams = Collections.unmodifiableSortedSet(new TreeSet<>(teams));
    if (teams.size() > MAX_TEAMS) {
      throw new InvalidInputException("teams", "at most " + MAX_TEAMS);
    }
    if (level != AccessLevel.TEAM && !teams.isEmpty()) {
      throw new InvalidInputException("teams", "none unless the access level is TEAM");
    }
  }

  /** With nobody. */
  public static Sharing privately() {
    return PRIVATE;
  }

  /** With the members of these teams. */
  public static Sharing withTeams(TeamId... teams) {
    return withTeams(List.of(teams));
  }

  /** With the members of these teams. */
  public static Sharing withTeams(Collection<TeamId> teams) {
    if (teams.isEmpty()) {
      throw new InvalidInputException("teams", "1 to " + MAX_TEAMS);
    }
    return new Sharing(AccessLevel.TEAM, new TreeSet<>(teams));
  }

  /** With everybody of the organization except agents. */
  public static Sharing withOrganization() {
    return of(AccessLevel.AUTHENTICATED);
  }

  /** At this level, which is not {@link AccessLevel#TEAM}. */
  public static Sharing of(AccessLevel level) {
    if (level == AccessLevel.TEAM) {
      throw new InvalidInputException("level", "not TEAM, which names teams");
    }
    return new Sharing(level, Collections.emptySortedSet());
  }
}
