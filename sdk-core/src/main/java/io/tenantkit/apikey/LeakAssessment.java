package io.tenantkit.apikey;

import java.util.Objects;

/**
 * What became of one token of a scanner's report.
 *
 * @param tokenHash SHA-256 of the token, by which the scanner recognises it
 * @param tokenType the report's name for this kind of token; {@code unknown} when it gave none that
 *     can be repeated
 * @param label whether it was a key
 */
public record LeakAssessment(KeyHash tokenHash, String tokenType, Label label) {

  /** Whether a token was a key. */
  public enum Label {
    /** A key of this installation; it is revoked now. */
    TRUE_POSITIVE,
    /** No key of this installation. */
    FALSE_POSITIVE
  }

  public LeakAssessment {
    Objects.requireNonNull(tokenHash, "tokenHash");
    Objects.requireNonNull(tokenType, "tokenType");
    Objects.requireNonNull(label, "label");
  }
}
