package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Secrets and their versions. Every verb is atomic, sees only the caller's organization and joins
 * the transaction that the context carries.
 */
public interface SecretStore {

  /** The id of the project with this name. */
  Optional<String> findProject(TenantContext context, String name);

  /** One secret. */
  Optional<Secret> find(TenantContext context, SecretRef ref);

  /**
   * Adds a secret with its first version, and its project when there is none of that name, and
   * writes the event.
   *
   * @return false, with nothing written, when its project, environment and name are taken, or the
   *     project exists under another id
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean create(TenantContext context, Secret secret, StoredSecretVersion first, AuditEvent event);

  /**
   * Replaces the secret's row and adds a version, when the current version is still the expected
   * one, and writes the event.
   *
   * @return false, with nothing written, when there is no such row at that version
   */
  boolean addVersion(
      TenantContext context,
      Secret changed,
      long expectedVersion,
      StoredSecretVersion version,
      AuditEvent event);

  /**
   * Reads a version and writes the event in one transaction, which is committed when this returns.
   *
   * @param version which; the current one when empty
   * @param event makes the event from the secret that was found
   * @return empty, with nothing written, when there is no such secret or version
   */
  Optional<OpenedSecret> open(
      TenantContext context,
      SecretRef ref,
      OptionalLong version,
      Function<Secret, AuditEvent> event);

  /** The versions of a secret by number. */
  List<SecretVersion> versions(TenantContext context, SecretId id);

  /**
   * Secrets of the environments that the context reaches, by id in ASCII order, from the first
   * after {@code afterId}.
   */
  List<Secret> list(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Deletes a secret with all its versions and writes the event.
   *
   * @return false, with nothing written, when there is no such secret
   */
  boolean delete(TenantContext context, SecretId id, AuditEvent event);
}
