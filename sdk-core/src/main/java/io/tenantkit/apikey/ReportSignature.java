package io.tenantkit.apikey;

import java.security.PublicKey;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How a scanner signs its reports. Safe for use by several threads. */
@FunctionalInterface
public interface ReportSignature {

  /**
   * Whether the scanner signed exactly these bytes. Answers false, and does not throw, whatever the
   * sender put into headers and body.
   *
   * @param headers the request's headers by name, null for those it does not have
   */
  boolean holds(byte[] body, Function<String, @Nullable String> headers);

  /**
   * GitHub's: ECDSA on P-256 with SHA-256, in {@code Github-Public-Key-Signature}, by the key that
   * {@code Github-Public-Key-Identifier} names.
   *
   * @param keys GitHub's public keys by identifier, for example what {@link ReportKeys#parse} read;
   *     asked for each report, so that a host can fetch them anew when one is not known, and best
   *     at a limited rate, since anybody may send an identifier
   */
  static ReportSignature github(Function<String, Optional<PublicKey>> keys) {
    return new EcdsaReportSignature(
        "Github-Public-Key-Identifier", "Github-Public-Key-Signature", keys);
  }
}
