package io.tenantkit.http;

import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.LeakAssessment;
import io.tenantkit.apikey.Verdict;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a host sends back: status, headers and body. Made by pure functions; immutable and safe for
 * use by several threads.
 *
 * <p><b>Refused verdicts.</b> The first row of which one reason applies decides:
 *
 * <table>
 * <caption>From reasons to statuses, the first row wins</caption>
 * <tr><th>reason<th>status<th>problem<th>besides
 * <tr><td>NOT_FOUND, DISABLED, REVOKED, EXPIRED<td>401<td>invalid-key<td>nothing: these answers are
 *     the same to the byte, whatever else applies
 * <tr><td>ADDRESS_FORBIDDEN<td>403<td>address-forbidden<td>nothing: whoever stole a key learns no
 *     more of it
 * <tr><td>ORGANIZATION_SUSPENDED<td>403<td>organization-suspended<td>{@code reasons}
 * <tr><td>WRONG_ENVIRONMENT<td>403<td>wrong-environment<td>{@code reasons}, {@code missingScopes}
 * <tr><td>INSUFFICIENT_SCOPE<td>403<td>insufficient-scope<td>{@code reasons}, {@code
 *     missingScopes}; {@code WWW-Authenticate} as in RFC 6750
 * <tr><td>RATE_LIMITED, QUOTA_EXCEEDED<td>429<td>quota-exceeded, of the RateLimit draft<td>{@code
 *     reasons}, {@code violated-policies}, {@code limits}; {@code Retry-After}, {@code
 *     RateLimit-Policy}, {@code RateLimit}
 * </table>
 *
 * <p>A verdict without any reason is answered like an unknown key.
 *
 * <p><b>Bodies</b> are problem details (RFC 9457) in ASCII, so every charset encodes them alike.
 * Their {@code type} is {@code urn:tenantkit:problem:} and the name above, or of errors the code's
 * name in lower case; {@code code} repeats the enum constant.
 *
 * <p><b>Limits</b> stand in {@code RateLimit-Policy} and {@code RateLimit} as in
 * draft-ietf-httpapi-ratelimit-headers-10, without a partition key: {@code "minute";q=100;w=60} and
 * {@code "minute";r=50;t=30}. The names of an organization's limits begin with {@code
 * organization.}. All times are whole seconds, rounded up. In a refusal {@code t} stands only with
 * the limits that refuse, so that {@code Retry-After}, the longest of them and at least 1, is never
 * earlier; it is left out when one of them will never admit the call, since waiting does not help.
 *
 * @param status the status code
 * @param headers in the order to send them, without two names that differ in case only; neither
 *     names nor values can break out of their line
 * @param body the body, in ASCII
 */
public record HttpAnswer(int status, Map<String, String> headers, String body) {
  private static final String NAME_MARKS = "!#$%&'*+-.^_`|~";

  public HttpAnswer {
    if (status < 200 || status > 599) {
      throw new InvalidInputException("status", "200 to 599");
    }
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    Set<String> names = new TreeSet<>();
    headers.forEach(
        (name, value) -> {
          if (name.isEmpty() || !name.chars().allMatch(HttpAnswer::inName)) {
            throw new InvalidInputException("header", "a name of token characters (RFC 9110)");
          }
          if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new InvalidInputException("header", "values of printable ASCII characters");
          }
          if (!names.add(name.toLowerCase(Locale.ROOT))) {
            throw new InvalidInputException("header", "each name once");
          }
        });
    if (!body.chars().allMatch(c -> c < 128)) {
      throw new InvalidInputException("body", "ASCII only");
    }
  }

  /** The answer to a refused key. */
  public static HttpAnswer of(Verdict.Refused verdict) {
    return Refusals.answer(verdict);
  }

  /**
   * The answer to a call that failed: the status of the error's code and its message, or for a
   * fault on this side (5xx) only what the code means, since the message is for the operator. An
   * error that is worth an immediate repetition says so with {@code Retry-After: 1}.
   */
  public static HttpAnswer of(TenantkitException error) {
    return Failures.answer(error);
  }

  /** The headers to send with the answer to an admitted call; none when it has no limits. */
  public static Map<String, String> headers(Verdict.Valid verdict) {
    return RateLimitFields.ofAdmitted(verdict.limits());
  }

  /**
   * The answer to a scanner's report, in the form of GitHub's secret scanning partner programme:
   * for each token its hash, its type, and {@code true_positive} or {@code false_positive}. Tokens
   * are not repeated.
   */
  public static HttpAnswer feedback(List<LeakAssessment> assessed) {
    return Feedback.answer(assessed);
  }

  private static boolean inName(int c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || NAME_MARKS.indexOf(c) >= 0;
  }
}
