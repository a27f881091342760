package io.tenantkit.vault;

import io.tenantkit.ControlPlane;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.usage.SecretUses;
import java.util.List;

/**
 * Keeps the secrets of organizations. A value is encrypted under a key of its own, which the
 * organization's key wraps, which the master key wraps; it leaves only after the audit trail was
 * committed: no audit row, no secret.
 *
 * <p>The project {@code livekit} holds the tenant's LiveKit credentials: there, each operation that
 * names a secret needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CONNECT} as well.
 *
 * <p>Every operation needs the secret's environment in the context's reach. An unknown secret and
 * another tenant's get the same answer. Safe for use by several threads; all operations block on
 * the storage.
 */
public interface SecretVault {

  /** The vault of a control plane, over the same storage and master keys. */
  static SecretVault of(ControlPlane plane) {
    return DefaultSecretVault.of(plane);
  }

  /**
   * Puts a single value: {@link #put(TenantContext, SecretRef, NewSecret)} of {@link
   * NewSecret#of(SecretValue)}.
   */
  default Secret put(TenantContext context, SecretRef ref, SecretValue value) {
    return put(context, ref, NewSecret.of(value));
  }

  /**
   * Stores a secret, or a new version of it when it exists, which becomes the current one. Needs
   * {@link io.tenantkit.tenant.Scopes#SECRETS_WRITE}.
   *
   * @throws io.tenantkit.ConflictException when the expected version is not the current one, or the
   *     type differs
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  Secret put(TenantContext context, SecretRef ref, NewSecret wanted);

  /**
   * Runs code with the current version's value and wipes it afterwards; the use is in the audit
   * trail before the code runs. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_USE}; refused
   * inside a joined transaction.
   *
   * @param reason why, 1 to 255 characters, for the audit trail
   * @return what the code answers, which must not be or hold the value
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  default <T> T use(
      TenantContext context, SecretRef ref, String reason, SecretUse<SecretValue, T> code) {
    return useFields(context, ref, Purpose.of(reason), fields -> code.with(fields.value()));
  }

  /** As {@link #use}, with all fields of the current version and a purpose of the caller's. */
  <T> T useFields(
      TenantContext context, SecretRef ref, Purpose purpose, SecretUse<SecretFields, T> code);

  /**
   * The current version's plaintext, which the caller closes. The reveal is in the audit trail
   * before the value leaves. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_USE}; refused inside a
   * joined transaction. Prefer {@link #use}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  SecretFields reveal(TenantContext context, SecretRef ref);

  /** As {@link #reveal(TenantContext, SecretRef)}, of an earlier version. */
  SecretFields reveal(TenantContext context, SecretRef ref, long version);

  /**
   * What may be shown of a secret. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  Secret get(TenantContext context, SecretRef ref);

  /**
   * The versions of a secret, oldest first. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   */
  List<SecretVersion> versions(TenantContext context, SecretRef ref);

  /**
   * Secrets of the environments in reach, by id. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ}.
   */
  Page<Secret> list(TenantContext context, PageRequest page);

  /**
   * Deletes a secret with all its versions, for ever; a later secret of that name is another one.
   * Needs {@link io.tenantkit.tenant.Scopes#SECRETS_WRITE}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  void delete(TenantContext context, SecretRef ref);

  /**
   * Counts how this vault's secrets are used. For upper modules, and for hosts that keep sums for
   * another time than by default; {@link io.tenantkit.vault.usage.SecretUsage} tells of them.
   */
  SecretUses uses();

  /** What upper modules need of the control plane beneath; hosts do not. */
  PlaneRuntime runtime();
}
