package io.tenantkit;

import java.time.Duration;
import java.util.Objects;

/** More was asked for than a rate limit admits; nothing was taken of it. */
public final class RateLimitedException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final String what;
  private final Duration retryAfter;

  /**
   * @param what what there is a limit on, for people
   * @param retryAfter when the same call may be admitted
   */
  public RateLimitedException(String what, Duration retryAfter) {
    super(ErrorCode.RATE_LIMITED, "rate limit reached: " + what);
    this.what = Objects.requireNonNull(what, "what");
    this.retryAfter = Objects.requireNonNull(retryAfter, "retryAfter");
  }

  /** What there is a limit on, for people. */
  public String what() {
    return what;
  }

  /** When the same call may be admitted. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
