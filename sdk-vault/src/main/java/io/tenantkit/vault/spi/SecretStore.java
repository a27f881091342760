package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Secrets and their versions. Every verb is atomic, sees only the caller's organization and joins
 * the transaction that the context carries, but {@link #organizationsWithExpired}, which tells ids
 * alone.
 *
 * <p>What finds secrets finds those that {@link Viewer#of the context's viewer} sees, in the very
 * statement that reads them, and what changes one changes one that it sees; any other is as if it
 * were not there. Only {@link #isTaken} tells of all.
 */
public interface SecretStore {

  /** The id of the project with this name. */
  Optional<String> findProject(TenantContext context, String name);

  /** One secret, deleted or not. */
  Optional<Secret> find(TenantContext context, SecretRef ref);

  /**
   * What a put asks for first.
   *
   * @param secret as {@link #find} finds it
   * @param newestKey the organization's newest key, if the storage could tell it in the same
   *     answer; otherwise whoever needs it asks for it
   */
  record Ground(Optional<Secret> secret, Optional<StoredOrganizationKey> newestKey) {}

  /** As {@link #find}, and the newest key where that costs no wait of its own. */
  default Ground findForPut(TenantContext context, SecretRef ref) {
    return new Ground(find(context, ref), Optional.empty());
  }

  /** Whether there is a secret of that name, seen by the context or not, deleted or not. */
  boolean isTaken(TenantContext context, SecretRef ref);

  /** The teams that a secret is shared with and that there still are. */
  SortedSet<TeamId> teams(TenantContext context, SecretId id);

  /**
   * Those of these secrets that there are, deleted or not, in any order.
   *
   * @param refs at most 100
   */
  List<Secret> findAll(TenantContext context, Collection<SecretRef> refs);

  /**
   * Does one change.
   *
   * @return false, with nothing written, when the row is not there at that revision, or must not be
   *     there and is, or its project exists under another id, or a marked version is not there or
   *     is destroyed
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  default boolean write(TenantContext context, SecretWrite write) {
    return writeAll(context, List.of(write));
  }

  /**
   * Does all of the changes or none.
   *
   * @param writes of different secrets
   * @return false, with nothing written, when one of them cannot be done
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.PlanLimitReachedException with nothing written, when the organization's
   *     plan allows no more; it is asked once nobody else can add, so that however many add at once
   *     no limit is passed
   */
  boolean writeAll(TenantContext context, List<SecretWrite> writes);

  /**
   * Reads a version, of a secret that may be deleted, and writes the event in one transaction,
   * which is committed when this returns.
   *
   * @param version which
   * @param event makes the event from what was found; when it throws nothing is written and this
   *     throws the same
   * @return empty, with nothing written, when there is no such secret or version
   */
  Optional<OpenedSecret> open(
      TenantContext context,
      SecretRef ref,
      VersionChoice version,
      Function<OpenedSecret, AuditEvent> event);

  /** The versions of a secret by number. */
  List<SecretVersion> versions(TenantContext context, SecretId id);

  /**
   * Secrets of the environments that the context reaches and that are not deleted, by id in ASCII
   * order, from the first after {@code afterId}.
   */
  List<Secret> list(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Secrets of the environments that the context reaches which the query finds, in its order, from
   * the first after {@code after}.
   *
   * @param now decides what has expired
   */
  List<Secret> search(
      TenantContext context,
      SecretQuery query,
      Instant now,
      @Nullable SecretPlace after,
      int limit);

  /**
   * Destroys a secret with all its versions and writes the event.
   *
   * @param secret the row that must be there, at its revision
   * @return false, with nothing written, when it is not
   */
  boolean destroy(TenantContext context, Secret secret, AuditEvent event);

  /**
   * Organizations that have a version which expired before a time and is not destroyed, by id from
   * the first after {@code afterId}. Of the closed list of what is read across tenants: ids only.
   */
  List<OrganizationId> organizationsWithExpired(
      Instant before, @Nullable String afterId, int limit);

  /** Versions that expired before a time and are not destroyed, the first that expired first. */
  List<ExpiredVersion> expired(TenantContext context, Instant before, int limit);

  /**
   * Secrets of the environments that the context reaches, deleted ones too, by id in ASCII order,
   * from the first after {@code afterId}.
   */
  List<Secret> listAll(TenantContext context, @Nullable String afterId, int limit);

  /**
   * Reads a secret, deleted or not, with all its versions, and writes the event in one transaction,
   * which is committed when this returns.
   *
   * @param event makes the event from what was found; when it throws nothing is written and this
   *     throws the same
   * @return empty, with nothing written, when there is no such secret
   */
  Optional<SecretHistory> openAll(
      TenantContext context, SecretId id, Function<SecretHistory, AuditEvent> event);

  /**
   * Adds a secret with all its versions as they are and the teams that it is shared with, its
   * project unless there is one of that name and id, and writes the event.
   *
   * @param history with at least one version
   * @return false, with nothing written, when there is such a secret, or its project exists under
   *     another id, or one of the teams is not there
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean restore(TenantContext context, SecretHistory history, AuditEvent event);
}
