package io.tenantkit.ratelimit;

import io.tenantkit.ratelimit.LimitStatus.Of;
import io.tenantkit.ratelimit.LimitStatus.Outcome;
import io.tenantkit.spi.Pace;
import io.tenantkit.spi.RateLimitStore.Standing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One limit as all subjects that have it share it.
 *
 * @param of whose limit it is
 */
record LimitFacts(RateLimit limit, Pace pace, Of of) {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  /** Of a bucket in this process, or of leases, that would have admitted or refused this cost. */
  LimitStatus status(long cost, long backlogNanos, long backlogRest) {
    long wait =
        cost == 0 || cost > limit.burst() ? 0 : pace.retryAfter(backlogNanos, backlogRest, cost);
    Outcome outcome = Outcome.ADMITTED;
    if (cost > limit.burst()) {
      outcome = Outcome.TOO_COSTLY;
    } else if (wait > 0) {
      outcome = Outcome.REFUSED;
    }
    return status(
        pace.remaining(backlogNanos, backlogRest),
        wait,
        pace.resetAfter(backlogNanos, backlogRest),
        outcome);
  }

  /** As the storage answered. */
  LimitStatus status(long cost, Standing standing) {
    Outcome refused = cost > limit.burst() ? Outcome.TOO_COSTLY : Outcome.REFUSED;
    return status(
        standing.remaining(),
        standing.retryAfterNanos(),
        standing.resetAfterNanos(),
        standing.admitted() ? Outcome.ADMITTED : refused);
  }

  /** Of which no more is known. */
  LimitStatus status(Outcome outcome) {
    return status(-1, 0, 0, outcome);
  }

  LimitStatus status(long remaining, long waitNanos, long resetNanos, Outcome outcome) {
    return new LimitStatus(
        limit.name(),
        of,
        limit.limit(),
        limit.window(),
        remaining,
        wait(outcome, waitNanos),
        Duration.ofNanos(Math.max(0, resetNanos)),
        outcome);
  }

  static LimitStatus status(Credits credits, Outcome outcome, @Nullable Standing standing) {
    return new LimitStatus(
        "credits",
        Of.CREDITS,
        credits.amount(),
        credits.refill().map(Credits.Refill::every).orElse(Duration.ZERO),
        standing == null ? -1 : standing.remaining(),
        wait(outcome, standing == null ? 0 : standing.retryAfterNanos()),
        standing == null
            ? Duration.ZERO
            : Duration.ofNanos(Math.max(0, standing.resetAfterNanos())),
        outcome);
  }

  private static Duration wait(Outcome outcome, long nanos) {
    return switch (outcome) {
      case ADMITTED, FAILED_OPEN, NOT_ASKED -> Duration.ZERO;
      case FAILED_CLOSED -> ASK_AGAIN;
      case TOO_COSTLY -> LimitStatus.NEVER;
      case REFUSED -> nanos < 0 ? LimitStatus.NEVER : Duration.ofNanos(nanos);
    };
  }
}
