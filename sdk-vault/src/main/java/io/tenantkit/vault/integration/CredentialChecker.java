package io.tenantkit.vault.integration;

import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressFailure;
import io.tenantkit.vault.egress.EgressResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Asks a provider whether it takes a credential. Whatever goes wrong is a verdict. Safe for use by
 * several threads; blocks until the provider answered or the time is over.
 */
final class CredentialChecker {
  private static final Duration LONGEST_RETRY = Duration.ofDays(1);

  private final Egress egress;
  private final Duration timeout;

  CredentialChecker(Egress egress, Duration timeout) {
    this.egress = egress;
    this.timeout = timeout;
  }

  /**
   * Asks.
   *
   * @param owner whose credential it is
   */
  CheckResult check(
      OrganizationId owner, IntegrationTemplate template, CredentialValues values, Instant now) {
    try (CheckRequest request = CheckRequest.of(template, values, now, timeout, owner.value())) {
      EgressResponse response = egress.send(request.request());
      ProviderAnswer answer =
          new ProviderAnswer(response.status(), response.headers(), response.body());
      Verdict verdict = VerdictReader.verdict(template.check().readings(), answer);
      return new CheckResult(
          verdict,
          verdict == Verdict.VALID
              ? Optional.empty()
              : Optional.of(message(template, request, answer, response)),
          OptionalInt.of(response.status()),
          retryAfter(answer),
          now);
    } catch (EgressException e) {
      return new CheckResult(
          verdict(e.failure()),
          Optional.ofNullable(e.getMessage()),
          OptionalInt.empty(),
          Optional.empty(),
          now);
    }
  }

  /** An address that may not be called is where the credential does not belong. */
  private static Verdict verdict(EgressFailure failure) {
    return failure.isRefusal() || failure == EgressFailure.TOO_LARGE
        ? Verdict.WRONG_ENDPOINT
        : Verdict.UNREACHABLE;
  }

  private static String message(
      IntegrationTemplate template,
      CheckRequest request,
      ProviderAnswer answer,
      EgressResponse response) {
    return VerdictReader.message(template.check().message(), answer, request.scrubber())
        .filter(text -> !response.isSuccess())
        .orElseGet(
            () ->
                response.isRedirect()
                    ? "the service redirects elsewhere, which is not followed"
                    : response.isTruncated()
                        ? "the answer is longer than this provider's are"
                        : response.isSuccess()
                            ? "the answer does not read as this provider's do"
                            : "HTTP " + response.status());
  }

  /** Seconds only; dates are rare, and clocks differ. */
  private static Optional<Duration> retryAfter(ProviderAnswer answer) {
    return answer
        .header("retry-after")
        .filter(text -> !text.isEmpty() && text.length() <= 9)
        .filter(text -> text.chars().allMatch(c -> c >= '0' && c <= '9'))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)))
        .map(time -> time.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : time);
  }
}
