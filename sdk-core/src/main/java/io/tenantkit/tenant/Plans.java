package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The host's plans, by the names that {@link OrganizationSettings#plan} uses, and what each allows.
 * Set once, at {@link io.tenantkit.ControlPlane.Builder#plans}. Immutable.
 *
 * <p>An organization may be on a plan that is none of these: it was so before the host set them, or
 * a row was written by hand. It gets the least that any plan allows, of each limit. Limits hold
 * what is added; what an organization has already when its plan gets smaller stays and works.
 */
public final class Plans {
  /** The plan whose organizations alone have secrets of the access level {@code ENTERPRISE}. */
  public static final String ENTERPRISE = "enterprise";

  private static final Plans UNLIMITED = new Plans(Collections.emptySortedMap());
  private static final Plans STANDARD =
      of(
          Map.of(
              "free",
              new PlanLimits(25, 2, 2, 5),
              "pro",
              new PlanLimits(1_000, 25, 3, 100),
              ENTERPRISE,
              PlanLimits.unlimited()));

  /** Empty when whatever a plan is called allows everything. */
  private final SortedMap<String, PlanLimits> table;

  private final PlanLimits least;

  private Plans(SortedMap<String, PlanLimits> table) {
    this.table = table;
    this.least = table.values().stream().reduce(PlanLimits.unlimited(), PlanLimits::and);
  }

  /** Any plan, whatever it is called, allows everything. */
  public static Plans unlimited() {
    return UNLIMITED;
  }

  /**
   * Three plans to begin with.
   *
   * <table>
   * <caption>The standard plans</caption>
   * <tr><th>plan<th>secrets<th>projects<th>environments<th>tools
   * <tr><td>{@code free}<td>25<td>2<td>2<td>5
   * <tr><td>{@code pro}<td>1,000<td>25<td>3<td>100
   * <tr><td>{@code enterprise}<td colspan="4">no limits
   * </table>
   */
  public static Plans standard() {
    return STANDARD;
  }

  /**
   * The host's own plans.
   *
   * @param table 1 to 100 plans; names of 1 to 64 of a-z, 0-9, _ and -
   */
  public static Plans of(Map<String, PlanLimits> table) {
    if (table.isEmpty() || table.size() > 100) {
      throw new InvalidInputException("plans", "1 to 100");
    }
    table.keySet().forEach(OrganizationSettings::requirePlan);
    return new Plans(Collections.unmodifiableSortedMap(new TreeMap<>(table)));
  }

  /** What this plan allows; of one that is not among these, the least that any allows. */
  public PlanLimits limits(String plan) {
    return Optional.ofNullable(table.get(plan)).orElse(least);
  }

  /** Whether no plan limits anything. */
  public boolean isUnlimited() {
    return table.values().stream().allMatch(PlanLimits::isUnlimited);
  }

  /**
   * Demands that an organization can be put on this plan.
   *
   * @throws InvalidInputException naming the plans there are
   */
  public void require(String plan) {
    if (!table.isEmpty() && !table.containsKey(plan)) {
      throw new InvalidInputException("plan", "one of " + String.join(", ", table.keySet()));
    }
  }

  /** The plans and their limits, for people. */
  @Override
  public String toString() {
    return "Plans" + table;
  }
}
