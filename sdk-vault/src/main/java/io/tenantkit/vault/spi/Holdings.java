package io.tenantkit.vault.spi;

import io.tenantkit.PlanLimitReachedException;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.vault.Secret;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * How many secrets an organization has in each environment of each project, deleted ones that can
 * be undeleted included. A project or environment without secrets is not among them, and does not
 * count. Not safe for use by several threads.
 */
public final class Holdings {
  private record Place(String project, Environment environment) {}

  private final Map<Place, Long> secrets = new HashMap<>();

  /** Adds what there is in one environment of one project. */
  public Holdings add(String projectId, Environment environment, long count) {
    secrets.merge(new Place(projectId, environment), count, Long::sum);
    return this;
  }

  /**
   * Demands that a plan allows what was added. What there was before stays, whatever the plan says,
   * so a limit refuses only what makes more of what it limits.
   *
   * @param limits what the plan allows
   * @param added what is among these holdings, counted once nobody else could add, and was not
   *     before
   * @throws PlanLimitReachedException naming the limit that is passed
   */
  public void require(PlanLimits limits, Collection<Secret> added) {
    Holdings before = new Holdings();
    before.secrets.putAll(secrets);
    for (Secret each : added) {
      before.secrets.computeIfPresent(
          new Place(each.projectId(), each.ref().environment()),
          (place, count) -> count > 1 ? Long.valueOf(count - 1) : null);
    }
    require("secrets", limits.secrets(), before.all(), all());
    require("projects", limits.projects(), before.projects(), projects());
    require("environments", limits.environments(), before.environments(), environments());
  }

  private static void require(String limit, int bound, long before, long now) {
    if (now > bound && now > before) {
      throw new PlanLimitReachedException(limit, bound);
    }
  }

  private long all() {
    return secrets.values().stream().mapToLong(Long::longValue).sum();
  }

  private long projects() {
    return secrets.keySet().stream().map(Place::project).distinct().count();
  }

  private long environments() {
    return secrets.keySet().stream().map(Place::environment).distinct().count();
  }
}
