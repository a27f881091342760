package io.tenantkit.vault;

import io.tenantkit.ControlPlane;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.usage.SecretUses;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Keeps the secrets of organizations. A value is encrypted under a key of its own, which the
 * organization's key wraps, which the master key wraps; it leaves only after the audit trail was
 * committed: no audit row, no secret.
 *
 * <p>The project {@code livekit} holds the tenant's LiveKit credentials: there, each operation that
 * names a secret needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_CONNECT} as well.
 *
 * <p>A secret has numbered versions, of which one is current, one may be pending and one previous.
 * A version that has expired is not opened, and is destroyed 30 days later. Changes of one secret
 * at the same time are all done, one after the other, each with an event of its own.
 *
 * <p>A secret is seen by its owner, by those it is shared with, and by those who hold {@link
 * io.tenantkit.tenant.Scopes#SECRETS_MANAGE}: {@link AccessLevel} has the table. To all others it
 * is as if it were not there, in every operation.
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
   * Stores a secret, or a new version of it when it exists, which becomes the current one; what was
   * current becomes the previous one. As {@link NewSecret#asPending()} it waits as pending instead.
   * Versions beyond {@link Secret#maxVersions()} that have no stage are destroyed. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_WRITE}.
   *
   * @throws io.tenantkit.InvalidInputException naming the bound, when a value or all of them are
   *     too long, or the version would be expired already
   * @throws io.tenantkit.ConflictException when the expected version is not the current one, the
   *     type differs, the secret is deleted, or the name is taken by a secret that the caller does
   *     not see: names are no secret, and whatever is answered instead of storing it tells as much
   * @throws io.tenantkit.NotFoundException when the organization does not exist, or a team that a
   *     new secret is to be shared with
   * @throws io.tenantkit.PlanLimitReachedException when the organization's plan allows no more
   *     secrets, projects or environments
   */
  Secret put(TenantContext context, SecretRef ref, NewSecret wanted);

  /**
   * Puts 1 to 100 secrets with values of at most 16 MiB in one transaction: all of them or, when
   * one is refused, none. Each has an event of its own. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_WRITE}; throws what {@link #put(TenantContext, SecretRef,
   * NewSecret)} throws.
   *
   * @return the secrets in the order of the map
   */
  Map<SecretRef, Secret> putAll(TenantContext context, Map<SecretRef, NewSecret> wanted);

  /**
   * Runs code with the current version's value and wipes it afterwards; the use is in the audit
   * trail before the code runs. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_USE}; refused
   * inside a joined transaction.
   *
   * @param reason why, 1 to 255 characters, for the audit trail
   * @return what the code answers, which must not be or hold the value
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it or its version is
   *     deleted or destroyed
   * @throws io.tenantkit.TenantkitException with {@link io.tenantkit.ErrorCode#SECRET_EXPIRED} when
   *     the version has expired; with {@link io.tenantkit.ErrorCode#CIPHERTEXT_REJECTED} when a row
   *     was tampered with, which the trail then tells as {@code secret.rejected}
   */
  default <T> T use(
      TenantContext context, SecretRef ref, String reason, SecretUse<SecretValue, T> code) {
    return useFields(context, ref, Purpose.of(reason), fields -> code.with(fields.value()));
  }

  /** As {@link #use}, with all fields of the current version and a purpose of the caller's. */
  <T> T useFields(
      TenantContext context, SecretRef ref, Purpose purpose, SecretUse<SecretFields, T> code);

  /** As {@link #use}, with all fields of the version at a stage. */
  <T> T useFields(
      TenantContext context,
      SecretRef ref,
      Stage stage,
      Purpose purpose,
      SecretUse<SecretFields, T> code);

  /** As {@link #use}, with all fields of the version with this number. */
  <T> T useFields(
      TenantContext context,
      SecretRef ref,
      long version,
      Purpose purpose,
      SecretUse<SecretFields, T> code);

  /**
   * The current version's plaintext, which the caller closes. The reveal is in the audit trail
   * before the value leaves. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_USE}; refused inside a
   * joined transaction; throws what {@link #use} throws. Prefer that.
   */
  SecretFields reveal(TenantContext context, SecretRef ref);

  /** As {@link #reveal(TenantContext, SecretRef)}, of the version at a stage. */
  SecretFields reveal(TenantContext context, SecretRef ref, Stage stage);

  /** As {@link #reveal(TenantContext, SecretRef)}, of the version with this number. */
  SecretFields reveal(TenantContext context, SecretRef ref, long version);

  /**
   * What may be shown of a secret. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it is deleted
   */
  Secret get(TenantContext context, SecretRef ref);

  /**
   * What may be shown of those of these secrets that there are and that are not deleted, in their
   * order. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   *
   * @param refs 1 to 100 different ones
   */
  Map<SecretRef, Secret> getAll(TenantContext context, Collection<SecretRef> refs);

  /**
   * The versions of a secret, oldest first: those that are kept, and of destroyed ones the marks of
   * the last 100. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   */
  List<SecretVersion> versions(TenantContext context, SecretRef ref);

  /**
   * Secrets of the environments in reach that are not deleted, by id. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ}.
   */
  Page<Secret> list(TenantContext context, PageRequest page);

  /**
   * Secrets of the environments in reach that a query finds, in its order. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ}.
   */
  Page<Secret> search(TenantContext context, SecretQuery query, PageRequest page);

  /**
   * Says whom a secret is for, instead of whom it was for before. Does nothing when it is so
   * already. For its owner, who needs {@link io.tenantkit.tenant.Scopes#SECRETS_WRITE}, and for
   * whoever holds {@link io.tenantkit.tenant.Scopes#SECRETS_MANAGE}; only the latter share at
   * {@link AccessLevel#ADMIN}.
   *
   * @throws io.tenantkit.AccessDeniedException when the caller sees the secret and is neither
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it is deleted, or there
   *     is no such team
   */
  Secret share(TenantContext context, SecretRef ref, Sharing wanted);

  /**
   * Whom a secret is for. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it is deleted
   */
  Sharing sharing(TenantContext context, SecretRef ref);

  /**
   * Changes what is said of a secret and how many versions it keeps. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_WRITE}, as do all that follow.
   *
   * @throws io.tenantkit.ConflictException when the expected revision is not the secret's
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it is deleted
   */
  Secret update(TenantContext context, SecretRef ref, SecretChange change);

  /**
   * Makes the pending version the current one; what was current becomes the previous one.
   *
   * @throws io.tenantkit.ConflictException when it is not the pending one, is not active, or has
   *     expired
   * @throws io.tenantkit.NotFoundException when there is no such secret or version
   */
  Secret promote(TenantContext context, SecretRef ref, long version);

  /**
   * Makes the previous version the current one again, and the current one the previous.
   *
   * @throws io.tenantkit.ConflictException when there is no previous version, or it is not active,
   *     or has expired
   */
  Secret rollBack(TenantContext context, SecretRef ref);

  /**
   * Ends the overlap: the previous version has no stage any more, so it can be opened by its number
   * alone and goes when there are too many.
   *
   * @throws io.tenantkit.ConflictException when there is no previous version
   */
  Secret retire(TenantContext context, SecretRef ref);

  /**
   * Deletes a version so that it can be undeleted; it keeps its stage, but does not open.
   *
   * @throws io.tenantkit.ConflictException when it is not active
   * @throws io.tenantkit.NotFoundException when there is no such secret or version
   */
  Secret deleteVersion(TenantContext context, SecretRef ref, long version);

  /**
   * Takes the deletion of a version back.
   *
   * @throws io.tenantkit.ConflictException when it is not deleted
   * @throws io.tenantkit.NotFoundException when there is no such secret or version
   */
  Secret undeleteVersion(TenantContext context, SecretRef ref, long version);

  /**
   * Destroys a version for ever: its data key and fields are taken out of the database, and it is
   * neither pending nor previous any more. The current one stays current, and does not open.
   *
   * @throws io.tenantkit.ConflictException when it is destroyed already
   * @throws io.tenantkit.NotFoundException when there is no such secret or version
   */
  Secret destroyVersion(TenantContext context, SecretRef ref, long version);

  /**
   * Deletes a secret so that it can be undeleted. Until then it answers as one that is not there,
   * but to {@link #undelete}, {@link #destroy}, a search for deleted ones, and a put, which is
   * refused.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it is deleted
   */
  Secret delete(TenantContext context, SecretRef ref);

  /**
   * Takes the deletion of a secret back.
   *
   * @throws io.tenantkit.ConflictException when it is not deleted
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  Secret undelete(TenantContext context, SecretRef ref);

  /**
   * Destroys a secret with all its versions, for ever, whether or not it was deleted; a later
   * secret of that name is another one.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  void destroy(TenantContext context, SecretRef ref);

  /**
   * Counts how this vault's secrets are used. For upper modules, and for hosts that keep sums for
   * another time than by default; {@link io.tenantkit.vault.usage.SecretUsage} tells of them.
   */
  SecretUses uses();

  /** What upper modules need of the control plane beneath; hosts do not. */
  PlaneRuntime runtime();

  /** Makes marks of credentials. For upper modules. */
  CredentialMarker marker();

  /** Whole secrets, for backups; hosts use {@link io.tenantkit.vault.backup.VaultBackup}. */
  SecretArchive archive();
}
