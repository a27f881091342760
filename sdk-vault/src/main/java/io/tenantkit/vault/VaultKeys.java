package io.tenantkit.vault;

import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;

/**
 * The life of the vault's keys. Every organization has a ring of numbered keys: what is new is put
 * under the newest, what is old stays readable under its own. Rotation and re-wrap run beside
 * readers and writers, on several nodes at once, and go on where they stopped after a crash.
 *
 * <p>Keys are rotated by themselves when they are old or much used, by the control plane's due
 * work. A node goes on reading with keys that it has in memory for five minutes at most, also after
 * they were destroyed on another node; what is put is put under the key that the database has as
 * the newest.
 *
 * <p>A tenant's calls need {@link io.tenantkit.tenant.Scopes#KEYS_MANAGE}. Safe for use by several
 * threads; all calls block on the storage and the master keys. Calls of an operator, re-wrap of
 * secrets and erasures are refused inside a joined transaction.
 */
public interface VaultKeys {

  /** The keys of a vault, with the settings that it has. */
  static VaultKeys of(SecretVault vault) {
    return DefaultVaultKeys.of(vault);
  }

  /**
   * The keys of a vault with settings of the host's, which hold for the vault from now on. An
   * erasure list is applied before this returns.
   */
  static VaultKeys of(SecretVault vault, KeySettings settings) {
    return DefaultVaultKeys.of(vault, settings);
  }

  /**
   * Makes the organization's next key, which takes new writes. Of two rotations at the same time
   * one makes the key and both answer with it.
   */
  OrganizationKey rotate(TenantContext context);

  /**
   * Puts all secret versions under the newest key. No field is decrypted. Batches of {@value
   * SecretRewrapping#BATCH} commit on their own, each with one event; after a crash the next call
   * goes on with what is left. Versions that are put or deleted meanwhile are left alone. Those
   * that do not open stay and are counted; of the first 100 the trail tells as {@code
   * secret.rejected}.
   */
  SecretsRewrap rewrapSecrets(TenantContext context);

  /**
   * Looks what {@link #rewrapSecrets} would do, and changes nothing: every data key that is under
   * an older key is opened, and those that do not open are counted.
   */
  SecretsRewrap planSecretsRewrap(TenantContext context);

  /**
   * Destroys the keys that were superseded for an hour and that no data key is under. A reader that
   * had read a row before its data key left such a key reads the row again.
   *
   * @return those that were destroyed
   */
  List<OrganizationKey> destroyUnusedKeys(TenantContext context);

  /** The keys that {@link #destroyUnusedKeys} would destroy now; changes nothing. */
  List<OrganizationKey> planKeyDestruction(TenantContext context);

  /** What is to be known of the organization's keys. */
  KeysReport.OrganizationKeys doctor(TenantContext context);

  /** What is to be known of the keys of all organizations; looks at each. */
  KeysReport doctor(Operator operator);

  /**
   * Wraps all organizations' keys under the current master key. Every node must have been started
   * with that key before, as its current or a previous one, or it cannot read on. Each organization
   * commits on its own with one event; after a crash the next call goes on with what is left.
   */
  MasterKeyRewrap rewrapMasterKey(Operator operator);

  /** Counts what {@link #rewrapMasterKey} would do, and changes nothing. */
  MasterKeyRewrap planMasterKeyRewrap(Operator operator);

  /**
   * Ends the use of a previous master key: no start demands it any more, and nothing can be wrapped
   * by it. The key itself is the host's to destroy.
   *
   * @throws io.tenantkit.ConflictException when it is the current one, or wraps something still
   * @throws io.tenantkit.NotFoundException when the storage does not know it
   */
  void retireMasterKey(Operator operator, String masterKeyId);

  /**
   * Destroys all keys of an organization for ever, and with that all its secrets; reading them
   * answers {@link io.tenantkit.ErrorCode#ORGANIZATION_ERASED} and no key is made again. The signed
   * record is in the erasure list before anything is destroyed. An organization that is erased
   * already answers with that record.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  Erasure eraseOrganization(Operator operator, OrganizationId organization);

  /**
   * Destroys a secret for ever, deleted or not: all its versions with their data keys. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ} and {@link io.tenantkit.tenant.Scopes#SECRETS_WRITE}
   * as well.
   *
   * @param reason why, 1 to 1,000 characters
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  Erasure eraseSecret(TenantContext context, SecretRef ref, String reason);

  /** The organization's erasures. */
  List<Erasure> erasures(TenantContext context);

  /**
   * Destroys again what the list outside of the database and the database itself say was erased,
   * and adds to the list what only the database has. For after a restore; each start does the first
   * half of it.
   *
   * @return how many erasures had something to destroy or to record
   */
  int applyErasures(Operator operator);
}
