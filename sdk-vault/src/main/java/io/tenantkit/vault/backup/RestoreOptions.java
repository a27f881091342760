package io.tenantkit.vault.backup;

import java.util.Objects;

/**
 * How a backup is restored. Immutable.
 *
 * @param onConflict what happens to a secret or team whose name is taken by another
 * @param dryRun whether it is only told what would happen. Secrets that are compared are opened for
 *     that, which is in the audit trail; nothing else is written
 */
public record RestoreOptions(OnConflict onConflict, boolean dryRun) {

  /** What happens when a name is taken by something that is not the same. */
  public enum OnConflict {
    /** Nothing at all is restored. */
    FAIL,
    /** What is there stays as it is. */
    SKIP
  }

  private static final RestoreOptions STANDARD = new RestoreOptions(OnConflict.FAIL, false);

  public RestoreOptions {
    Objects.requireNonNull(onConflict, "onConflict");
  }

  /** Nothing is restored when a name is taken by another. */
  public static RestoreOptions standard() {
    return STANDARD;
  }

  /** What is there stays. */
  public RestoreOptions skippingConflicts() {
    return new RestoreOptions(OnConflict.SKIP, dryRun);
  }

  /** Only tells what would happen. */
  public RestoreOptions asDryRun() {
    return new RestoreOptions(onConflict, true);
  }
}
