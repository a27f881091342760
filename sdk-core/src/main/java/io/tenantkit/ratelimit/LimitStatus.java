package io.tenantkit.ratelimit;

import java.time.Duration;

/**
 * How one limit stands after a decision.
 *
 * @param name the limit's name, {@code credits} for a budget
 * @param of whose limit it is
 * @param limit requests in each window; of credits the budget
 * @param window the limit's window; of credits the time between refills, zero without
 * @param remaining requests (of credits: units) that would be admitted now, or -1 when unknown
 * @param retryAfter when a request of the same cost may be admitted: zero when it was, at least
 *     that long when it was not, {@link #NEVER} when it never will
 * @param resetAfter when the whole burst is there again; zero when unknown
 * @param outcome what the limit said
 */
public record LimitStatus(
    String name,
    Of of,
    long limit,
    Duration window,
    long remaining,
    Duration retryAfter,
    Duration resetAfter,
    Outcome outcome) {
  /** A retry-after that never comes: the cost is above the burst, or the budget is not refilled. */
  public static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

  /** Whose limit. */
  public enum Of {
    /** Of the key and its successors. */
    KEY,
    /** Of all keys of the organization together. */
    ORGANIZATION,
    /** The budget of the key and its successors. */
    CREDITS
  }

  /** What a limit said. */
  public enum Outcome {
    /** It admits; when another limit refused, it was not charged. */
    ADMITTED,
    /** It refuses for now. */
    REFUSED,
    /** It refuses for ever: the cost is above the burst. */
    TOO_COSTLY,
    /** Its storage failed, and it admits uncounted because it fails open. */
    FAILED_OPEN,
    /** Its storage failed, and it refuses because it fails closed. */
    FAILED_CLOSED,
    /** Another limit had refused before this one was asked. */
    NOT_ASKED;

    boolean refuses() {
      return this == REFUSED || this == TOO_COSTLY || this == FAILED_CLOSED;
    }
  }
}
