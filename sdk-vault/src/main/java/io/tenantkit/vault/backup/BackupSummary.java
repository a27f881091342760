package io.tenantkit.vault.backup;

import io.tenantkit.tenant.Environment;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What went into a backup.
 *
 * @param fileId which backup, as {@link BackupFacts#fileId()} and the audit trail tell
 * @param environments of which environments, as the context reached
 * @param teams how many teams
 * @param integrations how many integrations
 * @param webhooks how many webhook endpoints
 * @param secrets how many secrets, deleted ones too
 * @param versions how many versions of them, destroyed ones too
 * @param rotations how many policies of rotation
 */
public record BackupSummary(
    String fileId,
    Set<Environment> environments,
    long teams,
    long integrations,
    long webhooks,
    long secrets,
    long versions,
    long rotations) {
  public BackupSummary {
    environments = Collections.unmodifiableSet(EnumSet.copyOf(environments));
  }
}
