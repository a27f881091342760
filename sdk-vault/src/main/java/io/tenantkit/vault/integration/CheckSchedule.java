package io.tenantkit.vault.integration;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** When an integration is checked again. Safe for use by several threads. */
final class CheckSchedule {
  /** After a check that learnt nothing of the credential. */
  static final Duration RETRY = Duration.ofMinutes(15);

  private final Duration interval;
  private final SecureRandom random;

  CheckSchedule(Duration interval, SecureRandom random) {
    this.interval = interval;
    this.random = random;
  }

  /** A tenth more or less, so that what began together does not go on together. */
  Instant next(CheckResult result) {
    Duration wait = result.verdict().usable() || result.verdict().rejected() ? interval : RETRY;
    if (result.retryAfter().isPresent() && result.retryAfter().get().compareTo(wait) > 0) {
      wait = result.retryAfter().get();
    }
    long tenth = wait.toMillis() / 10;
    long jitter = tenth == 0 ? 0 : random.nextLong(2 * tenth + 1) - tenth;
    boolean asked = result.retryAfter().isPresent();
    return result
        .at()
        .plus(wait)
        .plusMillis(asked ? Math.abs(jitter) : jitter)
        .truncatedTo(ChronoUnit.MICROS);
  }
}
