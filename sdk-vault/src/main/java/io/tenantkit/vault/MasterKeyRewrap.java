package io.tenantkit.vault;

import io.tenantkit.tenant.OrganizationId;
import java.util.List;

/**
 * How far the organizations' keys are under the current master key.
 *
 * @param masterKeyId the current master key
 * @param dryRun whether nothing was changed
 * @param organizations how many organizations were looked at
 * @param keys how many keys they have
 * @param rewrapped how many keys were wrapped anew or, in a dry run, would be
 * @param failed organizations with a key that does not open, at most {@value #MOST_NAMED} of them
 */
public record MasterKeyRewrap(
    String masterKeyId,
    boolean dryRun,
    long organizations,
    long keys,
    long rewrapped,
    List<OrganizationId> failed) {
  /** So many organizations are named. */
  public static final int MOST_NAMED = 100;

  public MasterKeyRewrap {
    failed = List.copyOf(failed);
  }

  /** Whether nothing is left under another master key. */
  public boolean isComplete() {
    return failed.isEmpty() && (!dryRun || rewrapped == 0);
  }
}
