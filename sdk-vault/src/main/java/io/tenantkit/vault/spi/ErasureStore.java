package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was erased for ever, and the keys that sign the records of it. Rows are only added, but for
 * wrappings of those keys that nobody can use.
 */
public interface ErasureStore {

  /**
   * An erasure as it is stored.
   *
   * @param organization whose
   * @param id of the erasure
   * @param secretId the secret; empty when the whole organization was erased
   * @param at when, microsecond precision
   * @param text the signed record
   */
  record StoredErasure(
      OrganizationId organization, String id, String secretId, Instant at, String text) {}

  /** Whether the caller's organization was erased. */
  boolean isErased(TenantContext context);

  /**
   * Destroys all wrapped keys of the organization for ever, and who of it was where; keeps the
   * record when it is not there yet, and writes the event. No key can be added to the organization
   * afterwards.
   *
   * @return the ids of the keys that were destroyed; empty, with nothing written, when there was
   *     neither a key to destroy nor a record to keep
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  Optional<List<String>> eraseOrganization(
      TenantContext context, StoredErasure erasure, AuditEvent event);

  /**
   * Removes a secret with the wrapped data keys and ciphertexts of all its versions, keeps the
   * record when it is not there yet, and writes the event.
   *
   * @return false, with nothing written, when there was neither
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean eraseSecret(TenantContext context, StoredErasure erasure, AuditEvent event);

  /** The caller's erasures by id. */
  List<StoredErasure> list(TenantContext context);

  /** Erasures of all organizations, by organization and id, from the first after {@code after}. */
  List<StoredErasure> list(Operator operator, @Nullable StoredErasure after, int limit);

  /** The keys that sign; the id of each is its public key in Base64, X.509. */
  WrappedKeyStore keys();
}
