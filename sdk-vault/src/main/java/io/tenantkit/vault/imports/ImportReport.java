package io.tenantkit.vault.imports;

import java.util.List;

/**
 * What an import did, or a dry run would do. Holds ids and no value.
 *
 * @param dryRun whether nothing was written
 * @param read how many credentials were read
 * @param imported how many are in the vault now and empty where they were; of a dry run, how many
 *     would be
 * @param problems why others are not, at most {@value #MAX_PROBLEMS}
 * @param failed how many are not, those without a line in {@code problems} included
 */
public record ImportReport(
    boolean dryRun, long read, long imported, List<Problem> problems, long failed) {
  /** The most problems of one report. */
  public static final int MAX_PROBLEMS = 1_000;

  public ImportReport {
    problems = List.copyOf(problems);
  }

  /** Whether everything that was read is, or would be, imported. */
  public boolean isClean() {
    return failed == 0;
  }

  /** Why a credential stays where it was. */
  public enum Reason {
    /** It cannot be stored: the message says why. */
    REFUSED,
    /** Another credential is where it would go. It was not replaced. */
    TARGET_DIFFERS,
    /** What was stored does not read back as what was read. */
    READ_BACK_DIFFERS,
    /** It was changed, or imported by somebody else, while it was imported: look at it again. */
    CHANGED_MEANWHILE
  }

  /**
   * A credential that was not imported.
   *
   * @param id what the host knows it by, at most its first 255 characters; empty when it has none
   * @param reason why
   * @param message the error's own message, which never holds a value; empty without an error
   */
  public record Problem(String id, Reason reason, String message) {}
}
