package io.tenantkit.vault.spi;

import io.tenantkit.PlanLimitReachedException;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.vault.Secret;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How many secrets an organization has in each environment of each project, deleted ones that can
 * be undeleted included. A project or environment without secrets is not among them, and does not
 * count. What is in {@link LibraryProjects} counts as secrets alone: it is in no project and no
 * environment of the tenant's own. Not safe for use by several threads.
 */
public final class Holdings {
  private record Place(String project, Environment environment, boolean library) {}

  private final Map<Place, Long> secrets = new HashMap<>();

  /** Adds what there is in one environment of one project. */
  public Holdings add(String projectId, String projectName, Environment environment, long count) {
    secrets.merge(place(projectId, projectName, environment), count, Long::sum);
    return this;
  }

  private static Place place(String projectId, String projectName, Environment environment) {
    return new Place(projectId, environment, LibraryProjects.contains(projectName));
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
          place(each.projectId(), each.ref().project(), each.ref().environment()),
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
    return own().map(Place::project).distinct().count();
  }

  private long environments() {
    return own().map(Place::environment).distinct().count();
  }

  private Stream<Place> own() {
    return secrets.keySet().stream().filter(place -> !place.library());
  }
}
