package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;

/**
 * How much a plan allows an organization. Immutable.
 *
 * <p>What the library keeps for the organization in its own projects ({@code livekit}, {@code
 * integrations}, {@code webhooks}) uses up no project and no environment, which nobody chose for
 * it. It counts among the secrets, one for each LiveKit server, integration and webhook: a limit
 * that left it out could be passed by keeping secrets there.
 *
 * @param secrets how many secrets it may have, 0 or more, the library's for it included
 * @param projects in how many projects of its own, 0 or more
 * @param environments how many of the three environments may hold secrets of its own, 0 to 3
 * @param tools how many tools of agents, 0 or more
 */
public record PlanLimits(int secrets, int projects, int environments, int tools) {
  /** What stands for no limit. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  private static final int ENVIRONMENTS = Environment.values().length;
  private static final PlanLimits NONE =
      new PlanLimits(UNLIMITED, UNLIMITED, ENVIRONMENTS, UNLIMITED);

  public PlanLimits {
    require("secrets", secrets);
    require("projects", projects);
    require("tools", tools);
    if (environments < 0 || environments > ENVIRONMENTS) {
      throw new InvalidInputException("environments", "0 to " + ENVIRONMENTS);
    }
  }

  private static void require(String property, int limit) {
    if (limit < 0) {
      throw new InvalidInputException(property, "0 or more");
    }
  }

  /** Limits nothing. */
  public static PlanLimits unlimited() {
    return NONE;
  }

  /** Whether nothing is limited, so that nothing need be counted. */
  public boolean isUnlimited() {
    return equals(NONE);
  }

  /** The lesser of each limit. */
  PlanLimits and(PlanLimits other) {
    return new PlanLimits(
        Math.min(secrets, other.secrets),
        Math.min(projects, other.projects),
        Math.min(environments, other.environments),
        Math.min(tools, other.tools));
  }
}
