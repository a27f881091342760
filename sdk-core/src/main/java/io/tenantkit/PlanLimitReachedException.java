package io.tenantkit;

import java.util.Locale;

/**
 * The organization's plan allows no more of it. The very same call may succeed only after something
 * was deleted or the operator has put the organization on another plan.
 */
public final class PlanLimitReachedException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final String limit;
  private final int bound;

  /**
   * @param limit which, as the plan's table calls it: {@code secrets}, {@code projects}, {@code
   *     environments} or {@code tools}
   * @param bound how many the plan allows
   */
  public PlanLimitReachedException(String limit, int bound) {
    super(
        ErrorCode.PLAN_LIMIT_REACHED,
        String.format(Locale.ROOT, "the organization's plan allows %,d %s", bound, limit));
    this.limit = limit;
    this.bound = bound;
  }

  /** Which limit: {@code secrets}, {@code projects}, {@code environments} or {@code tools}. */
  public String limit() {
    return limit;
  }

  /** How many the plan allows. */
  public int bound() {
    return bound;
  }
}
