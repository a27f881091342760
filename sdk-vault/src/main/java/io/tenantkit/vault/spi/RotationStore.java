package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rotations of secrets. Every verb is atomic, sees only the caller's organization and joins the
 * transaction that the context carries, but {@link #organizationsWithDue}, which tells ids alone.
 * Rows of deleted secrets are not seen; those of destroyed ones are gone.
 */
public interface RotationStore {

  /** A secret's row. */
  Optional<StoredRotation> find(TenantContext context, SecretId secret);

  /**
   * Adds or replaces a row, and writes the event if there is one. The revision says which row it
   * must follow: 1 is added, any other replaces the one before it.
   *
   * @return false, with nothing written, when the row before is not there, or the secret is not
   */
  boolean write(TenantContext context, StoredRotation row, Optional<AuditEvent> event);

  /**
   * Removes a row and writes the event.
   *
   * @param row what must be there, at its revision
   * @return false, with nothing written, when it is not
   */
  boolean remove(TenantContext context, StoredRotation row, AuditEvent event);

  /**
   * Rows of the environments that the context reaches which are due before a time, by the secrets'
   * ids in ASCII order, from the first after {@code afterId}.
   */
  List<StoredRotation> list(
      TenantContext context, Instant dueBefore, @Nullable String afterId, int limit);

  /**
   * Rows that due work has to look at by a time, whatever environment, by the secrets' ids from the
   * first after {@code afterId}.
   */
  List<StoredRotation> due(TenantContext context, Instant by, @Nullable String afterId, int limit);

  /**
   * Active organizations that have a row which due work has to look at by a time, by id from the
   * first after {@code afterId}. Of the closed list of what is read across tenants: ids only.
   */
  List<OrganizationId> organizationsWithDue(Instant by, @Nullable String afterId, int limit);
}
