package io.tenantkit.audit;

import io.tenantkit.tenant.OrganizationId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A budget of samples for each organization, one for what belongs to none, and one for all above
 * {@value FailureSampler#MAX_ORGANIZATIONS}. Safe for use by several threads.
 */
final class FailureBudgets {
  private final Map<OrganizationId, FailureBudget> budgets = new ConcurrentHashMap<>();
  private final FailureBudget others = new FailureBudget();
  private final FailureBudget unknown = new FailureBudget();

  /**
   * Takes one sample of this minute.
   *
   * @return how many were left out since the last one, or {@link FailureBudget#LEFT_OUT}
   */
  long take(Optional<OrganizationId> organization, long minute) {
    long suppressed;
    do {
      suppressed = budget(organization.orElse(null)).take(minute);
    } while (suppressed == FailureBudget.RETIRED);
    return suppressed;
  }

  private FailureBudget budget(@Nullable OrganizationId organization) {
    if (organization == null) {
      return unknown;
    }
    FailureBudget known = budgets.get(organization);
    if (known != null) {
      return known;
    }
    if (budgets.size() >= FailureSampler.MAX_ORGANIZATIONS) {
      return others;
    }
    return budgets.computeIfAbsent(organization, any -> new FailureBudget());
  }

  /** Those without a count to report and whose minute has passed start anew when they are back. */
  void forgetIdle(long minute) {
    budgets.values().removeIf(budget -> budget.retire(minute));
  }

  /** How many organizations have a budget of their own now. */
  int size() {
    return budgets.size();
  }
}
