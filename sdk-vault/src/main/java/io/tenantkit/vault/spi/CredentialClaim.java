package io.tenantkit.vault.spi;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * That an organization has these credentials, and how long those that they replace still count.
 *
 * @param marks of the new credentials
 * @param overlapUntil until when those that are replaced count; empty when they count no more, and
 *     none before them does
 */
public record CredentialClaim(CredentialMarks marks, Optional<Instant> overlapUntil) {
  public CredentialClaim {
    Objects.requireNonNull(marks, "marks");
    Objects.requireNonNull(overlapUntil, "overlapUntil");
  }

  /** Credentials that end all that were before them. */
  public static CredentialClaim of(CredentialMarks marks) {
    return new CredentialClaim(marks, Optional.empty());
  }
}
