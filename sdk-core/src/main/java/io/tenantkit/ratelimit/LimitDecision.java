package io.tenantkit.ratelimit;

import io.tenantkit.ratelimit.LimitStatus.Of;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was decided on one call, and how every limit stands. Of a call that needed no storage the
 * statuses are worked out when they are asked for, so that one whose limits nobody reads costs
 * little. Immutable; safe for use by several threads.
 */
public final class LimitDecision {
  static final LimitDecision UNLIMITED = new LimitDecision(true, List.of());

  private final boolean admitted;
  private final List<LimitFacts> facts;
  private final long[] numbers;
  private final @Nullable List<LimitStatus> known;

  /**
   * A decision of buckets in this process.
   *
   * @param numbers of each entry the cost, the backlog's nanoseconds and its rest
   */
  LimitDecision(boolean admitted, List<LimitFacts> facts, long[] numbers) {
    this.admitted = admitted;
    this.facts = facts;
    this.numbers = numbers;
    this.known = null;
  }

  /** The decision where nothing is limited. */
  public static LimitDecision unlimited() {
    return UNLIMITED;
  }

  /** A decision with these statuses, for tests of what is made of it. */
  public static LimitDecision of(boolean admitted, List<LimitStatus> statuses) {
    return new LimitDecision(admitted, statuses);
  }

  /** A decision whose statuses are known already. */
  LimitDecision(boolean admitted, List<LimitStatus> known) {
    this.admitted = admitted;
    this.facts = List.of();
    this.numbers = new long[0];
    this.known = List.copyOf(known);
  }

  /** Whether the call may go on; if not, nothing was taken of any limit. */
  public boolean admitted() {
    return admitted;
  }

  /** Whether a rate limit refused, or credits of which nobody could tell how many are left. */
  public boolean rateLimited() {
    return !admitted && refused(false);
  }

  /** Whether the credits do not pay for the call. */
  public boolean quotaExceeded() {
    return !admitted && refused(true);
  }

  private boolean refused(boolean credits) {
    return statuses().stream()
        .anyMatch(status -> status.outcome().refuses() && isSpent(status) == credits);
  }

  private static boolean isSpent(LimitStatus status) {
    return status.of() == Of.CREDITS && status.outcome() != LimitStatus.Outcome.FAILED_CLOSED;
  }

  /** How every limit stands: the key's, then the organization's, then the key's credits. */
  public List<LimitStatus> statuses() {
    if (known != null) {
      return known;
    }
    List<LimitStatus> statuses = new ArrayList<>(facts.size());
    for (int i = 0; i < facts.size(); i++) {
      statuses.add(facts.get(i).status(numbers[3 * i], numbers[3 * i + 1], numbers[3 * i + 2]));
    }
    return Collections.unmodifiableList(statuses);
  }

  /**
   * When the same call may be admitted: the longest wait of those that refused, {@link
   * LimitStatus#NEVER} included; empty when the call was admitted.
   */
  public Optional<Duration> retryAfter() {
    return admitted
        ? Optional.empty()
        : statuses().stream().map(LimitStatus::retryAfter).max(Duration::compareTo);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LimitDecision that
        && admitted == that.admitted
        && statuses().equals(that.statuses());
  }

  @Override
  public int hashCode() {
    return Objects.hash(admitted, statuses());
  }

  @Override
  public String toString() {
    return "LimitDecision[admitted=" + admitted + ", statuses=" + statuses() + "]";
  }
}
