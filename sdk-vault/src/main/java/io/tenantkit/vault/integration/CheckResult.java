package io.tenantkit.vault.integration;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a check found. Immutable.
 *
 * @param verdict what it means for the credential
 * @param message why, for people: the provider's own words without the credential, or ours; at most
 *     300 characters
 * @param httpStatus of the answer, if there was one
 * @param retryAfter how long the provider asks to be left alone, at most a day
 * @param at when
 */
public record CheckResult(
    Verdict verdict,
    Optional<String> message,
    OptionalInt httpStatus,
    Optional<Duration> retryAfter,
    Instant at) {
  public CheckResult {
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(httpStatus, "httpStatus");
    Objects.requireNonNull(retryAfter, "retryAfter");
    Objects.requireNonNull(at, "at");
  }
}
