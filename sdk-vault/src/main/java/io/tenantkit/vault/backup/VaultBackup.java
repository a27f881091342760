package io.tenantkit.vault.backup;

import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes an organization as an encrypted stream and restores it, into this installation or another,
 * under the same organization id or another. The room's page describes the format.
 *
 * <p>A backup holds
 *
 * <ul>
 *   <li>the organization's name and settings;
 *   <li>its teams with the people and agents in them;
 *   <li>its secrets with all their versions, stages, destinations and descriptions, their owner,
 *       access level and the teams that they are shared with, deleted ones too;
 *   <li>its integrations: provider, name, settings, whether they are switched on, and the
 *       credential. One that is restored is to be verified again;
 *   <li>its webhook endpoints: URL, events and signing key. One that is restored is switched off
 *       and begins at the end of the trail, so that a rehearsal tells nobody and nothing is told
 *       twice;
 *   <li>its policies of rotation that have a time to come, when each is due, and the overlap that a
 *       value may be in. A rotation that is under way is not carried on: its version stays pending,
 *       and the policy waits until somebody promotes or destroys it. An installation in which a
 *       rotator is registered rotates when it is due, as the one does that the backup is of.
 * </ul>
 *
 * <p>It does not hold API keys, of which nobody has more than a hash that is bound to an id; nor
 * the audit trail, which stays where it happened and is exported by {@link
 * io.tenantkit.audit.AuditLog}; nor what was counted of uses, costs and findings; nor webhooks'
 * dead letters, links to organizations of identity providers, rate limits of API keys, or which
 * organizations were erased; nor anything of the organization's keys or the master key: values are
 * opened here and sealed anew there.
 *
 * <p>What belongs to nothing is left out and told: a credential without its integration, a policy
 * without its secret. Into the organization that it is of, a backup restores integrations and
 * webhooks under their own ids; into another under ids that follow from theirs, the same each time.
 *
 * <p>A context needs {@link io.tenantkit.tenant.Scopes#SECRETS_MANAGE}, {@code secrets:read} and
 * {@code secrets:use}, {@code teams:read}, to restore also {@code secrets:write} and {@code
 * teams:manage}, and the scopes of the library's projects that it meets: {@code integrations:write}
 * for integrations, {@code webhooks:manage} for webhooks. A backup takes the environments in its
 * reach, webhooks with {@code PRODUCTION}; to restore one, those of all it holds must be in reach.
 * All calls are refused inside a joined transaction, with {@link
 * io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED}. Safe for use by several threads; blocks on
 * the storage and on the stream, which nobody closes but who opened it.
 *
 * <p>No plaintext touches a disk, and of plaintext no more than one version of one secret and one
 * chunk of 64 KiB are held. Ciphertext is held of one secret with all its versions.
 */
public interface VaultBackup {

  /** Backups of a vault. */
  static VaultBackup of(SecretVault vault) {
    return new DefaultVaultBackup(vault);
  }

  /**
   * Writes a backup of the context's organization. That it begins is in the audit trail ({@code
   * backup.export_started}) before anything is opened; each secret has an event {@code
   * secret.exported} before its values are, and the end one with the counts ({@code
   * backup.exported}). What is changed meanwhile may or may not be in it, but of each secret it
   * holds one state.
   *
   * @param key a passphrase or a recipient
   * @throws IOException what the stream throws; what was written so far opens to nothing whole
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CIPHERTEXT_REJECTED}
   *     when a stored version does not open: a backup leaves nothing out in silence
   */
  BackupSummary export(TenantContext context, BackupKey key, OutputStream out) throws IOException;

  /**
   * As {@link #export(TenantContext, BackupKey, OutputStream)}, of any organization and all of its
   * environments.
   */
  BackupSummary export(
      Operator operator, OrganizationId organization, BackupKey key, OutputStream out)
      throws IOException;

  /**
   * Restores a backup into the context's organization, whose name and settings stay as they are.
   *
   * <p>The backup is read to its end once before anything is written: a backup that is not whole,
   * has a conflict (unless those are skipped) or is more than the plan allows restores nothing.
   * Each secret is then written in one transaction with its event {@code secret.restored}, under
   * new ids and this vault's keys, read back and compared. A secret that is there with the same
   * versions, values and description counts as restored, so a call that was cut short is simply
   * repeated. Creator, times and numbers of versions stay as they were. An integration stays
   * switched off until all is written, and webhooks are added last.
   *
   * @param key a passphrase or a private key
   * @throws IOException what the source throws
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#BACKUP_REJECTED}
   *     when it does not open
   * @throws io.tenantkit.ConflictException when a name is taken by another, and conflicts are not
   *     skipped; a dry run tells which
   * @throws io.tenantkit.PlanLimitReachedException when the plan does not allow so many
   */
  RestoreReport restore(
      TenantContext context, BackupKey key, BackupSource source, RestoreOptions options)
      throws IOException;

  /**
   * As {@link #restore(TenantContext, BackupKey, BackupSource, RestoreOptions)}; an organization
   * that is not there is created, with the name and the settings of the backup.
   *
   * @throws io.tenantkit.InvalidInputException naming {@code plan} when this host has no such plan
   */
  RestoreReport restore(
      Operator operator,
      OrganizationId organization,
      BackupKey key,
      BackupSource source,
      RestoreOptions options)
      throws IOException;

  /**
   * What the header says, without a key. Reads no further.
   *
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#BACKUP_REJECTED}
   *     when it is not the header of a backup that this version can open
   */
  static BackupFacts inspect(InputStream in) throws IOException {
    return BackupKey.facts(BackupHeader.read(in));
  }
}
