package io.tenantkit.vault;

import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Whole secrets with all their versions: what {@link io.tenantkit.vault.backup.VaultBackup} needs
 * of the vault beneath. Hosts call that.
 *
 * <p>All operations need {@link io.tenantkit.tenant.Scopes#SECRETS_MANAGE} and the secret's
 * environment in the context's reach, and are refused inside a joined transaction. Safe for use by
 * several threads; blocks on the storage.
 */
public interface SecretArchive {

  /** Takes what is opened. */
  interface Visitor {
    /** The teams that the secret is shared with, before the secret. */
    default void teams(SortedSet<TeamId> teams) {}

    /** The secret, before its versions. */
    void secret(Secret secret) throws IOException;

    /**
     * A version, in the order of their numbers.
     *
     * @param fields none when it is destroyed; wiped when this returns
     */
    void version(SecretVersion version, Map<String, SecretValue> fields) throws IOException;
  }

  /** Secrets in reach, deleted ones too, by id from the first after {@code afterId}. */
  List<Secret> list(TenantContext context, @Nullable String afterId, int limit);

  /** One secret, deleted or not. */
  Optional<Secret> find(TenantContext context, SecretRef ref);

  /**
   * Opens all versions that are not destroyed, expired and deleted ones too. The event is committed
   * before anything is decrypted. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_USE}. At the most
   * one version is in the clear at a time.
   *
   * @param action of the audit event, {@code secret.exported} for example
   * @param details of the audit event, beside what it always has
   * @return false when there is no such secret
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#CIPHERTEXT_REJECTED}
   *     when a version does not open
   */
  boolean open(
      TenantContext context,
      SecretId id,
      String action,
      Map<String, String> details,
      Visitor visitor)
      throws IOException;

  /**
   * The row that a secret of another place gets here: ids of its own, this organization, revision
   * 1; the rest as it was.
   */
  Secret planned(TenantContext context, Secret elsewhere);

  /**
   * A version as it gets stored here: number, state and times stay, all keys are this vault's.
   *
   * @param secret the planned row
   * @param fields the values, which stay the caller's; none when the version is destroyed
   * @throws io.tenantkit.InvalidInputException when they are beyond the bounds of a put
   */
  StoredSecretVersion seal(
      TenantContext context, Secret secret, SecretVersion version, Map<String, SecretValue> fields);

  /**
   * Demands that a secret's stages and its versions fit together.
   *
   * @throws io.tenantkit.InvalidInputException when no vault would have come to this
   */
  void requireSound(Secret secret, List<SecretVersion> versions);

  /**
   * Adds a secret with its versions, all or nothing. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_WRITE}.
   *
   * @param details of the audit event {@code secret.restored}
   * @return false, with nothing written, when there is such a secret by now, or its project has
   *     another id by now, or one of its teams is not there any more
   * @throws io.tenantkit.InvalidInputException when stages and versions do not fit together
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean restore(TenantContext context, SecretHistory history, Map<String, String> details);
}
