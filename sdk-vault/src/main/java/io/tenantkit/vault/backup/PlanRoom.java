package io.tenantkit.vault.backup;

import io.tenantkit.PlanLimitReachedException;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.LibraryProjects;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether the plan has room for a backup, asked before anything is written. Stateless. */
final class PlanRoom {
  private static final int PAGE = 100;

  private PlanRoom() {}

  /**
   * Counts what is there and what would be added.
   *
   * @throws PlanLimitReachedException naming the limit that what is added would pass
   */
  static void require(RestoreRun run) {
    PlanLimits limits = run.runtime.plans().limits(run.plan);
    if (limits.isUnlimited()) {
      return;
    }
    // Only counted: the plan is the organization's, whatever the caller may reach of it.
    TenantContext all = TenantContext.trusted(run.context.organization(), run.context.actor());
    Set<String> projects = new HashSet<>();
    Set<Environment> environments = EnumSet.noneOf(Environment.class);
    int secrets = 0;
    @Nullable String after = null;
    List<Secret> page;
    do {
      page = run.archive.list(all, after, PAGE);
      for (Secret secret : page) {
        add(secret.ref(), projects, environments);
        secrets++;
        after = secret.id().value();
      }
    } while (page.size() == PAGE);
    int[] before = {secrets, projects.size(), environments.size()};
    for (RestoreReport.RestoredSecret secret : run.secrets) {
      if (secret.outcome() == RestoreReport.Outcome.CREATED) {
        add(secret.ref(), projects, environments);
        secrets++;
      }
    }
    require("secrets", before[0], secrets, limits.secrets());
    require("projects", before[1], projects.size(), limits.projects());
    require("environments", before[2], environments.size(), limits.environments());
  }

  private static void add(SecretRef ref, Set<String> projects, Set<Environment> environments) {
    if (!LibraryProjects.contains(ref.project())) {
      projects.add(ref.project());
      environments.add(ref.environment());
    }
  }

  /** A plan that got smaller keeps what there is, so it only counts when something is added. */
  private static void require(String limit, int before, int after, int bound) {
    if (after > before && after > bound) {
      throw new PlanLimitReachedException(limit, bound);
    }
  }
}
