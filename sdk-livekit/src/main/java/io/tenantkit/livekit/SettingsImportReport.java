package io.tenantkit.livekit;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.util.List;
import java.util.Objects;

/**
 * What became of the credentials of many tenants. Holds ids and nothing of the credentials.
 *
 * @param lines one for each, in the batch's order
 */
public record SettingsImportReport(List<Line> lines) {
  public SettingsImportReport {
    lines = List.copyOf(lines);
  }

  /** What became of one tenant's. */
  public enum Outcome {
    /** They are in the vault now. */
    STORED(true),
    /** They were there already. */
    UNCHANGED(true),
    /** Other credentials are there, which were not replaced: they are newer than the settings. */
    DIFFERS(false),
    /** They are the host's own account. */
    HOST_ACCOUNT(false),
    /** Another tenant of the batch has the same; neither can be told to be the owner. */
    SHARED_IN_BATCH(false),
    /** Another organization has them already. */
    TAKEN(false),
    /** They are no credentials, or cannot be stored: the message says why. */
    REFUSED(false);

    private final boolean done;

    Outcome(boolean done) {
      this.done = done;
    }

    /** Whether the tenant's credentials are in the vault. */
    public boolean done() {
      return done;
    }
  }

  /**
   * What became of one tenant's.
   *
   * @param organization whose
   * @param environment where
   * @param outcome what became of them
   * @param message why, naming the member and its bound; empty when the outcome says all
   */
  public record Line(
      OrganizationId organization, Environment environment, Outcome outcome, String message) {
    /** Checks that all is there. */
    public Line {
      Objects.requireNonNull(organization, "organization");
      Objects.requireNonNull(environment, "environment");
      Objects.requireNonNull(outcome, "outcome");
      Objects.requireNonNull(message, "message");
    }
  }

  /** Whether all are in the vault. */
  public boolean isClean() {
    return lines.stream().allMatch(line -> line.outcome().done());
  }
}
