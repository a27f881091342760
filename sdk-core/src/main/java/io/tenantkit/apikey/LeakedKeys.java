package io.tenantkit.apikey;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes the reports of secret scanners and revokes what leaked. Safe for use by several threads;
 * blocks on the storage.
 */
public interface LeakedKeys {
  /** The longest report, in bytes. */
  int MAX_BODY = 4 * 1024 * 1024;

  /** The most matches of one report. */
  int MAX_MATCHES = 10_000;

  /**
   * Takes a report in the form of GitHub's secret scanning partner programme: a JSON array of
   * objects with {@code token}, {@code type}, {@code url} and {@code source}. Nothing is read of a
   * report before its signature holds, and nothing done before all of it is read.
   *
   * <p>Each token that is a key, be it switched off or expired, is revoked for ever in its own
   * organization, with an audit event of the system's and {@link
   * io.tenantkit.event.EventType#KEY_LEAKED} for the host. A token that is no key leaves no trace.
   * A match without a token is passed over. To take a report again changes nothing.
   *
   * <p>A match that fails does not stop the others; three failures in a row end the report, because
   * the storage is down then. After any failure the first of them is thrown at the end, so that the
   * scanner repeats the report.
   *
   * @param signature how reports of this scanner are signed
   * @param headers the request's headers by name, null for those it does not have; ask without
   *     regard to case, as {@code HttpServletRequest::getHeader} does
   * @param body the request's body, byte for byte as it was received
   * @return what became of each token, in the report's order, as the answer to the scanner ({@link
   *     io.tenantkit.http.HttpAnswer#feedback})
   * @throws io.tenantkit.AccessDeniedException when the signature does not hold
   * @throws io.tenantkit.InvalidInputException when the report is longer than {@link #MAX_BODY},
   *     not such an array, or has more than {@link #MAX_MATCHES} elements; then nothing was done
   */
  List<LeakAssessment> report(
      ReportSignature signature, Function<String, @Nullable String> headers, byte[] body);
}
