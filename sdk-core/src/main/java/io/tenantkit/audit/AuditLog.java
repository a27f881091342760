package io.tenantkit.audit;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * Reads, verifies and exports an organization's audit trail. Safe for use by several threads;
 * blocks on the storage.
 *
 * <p>Each organization's events form a chain: every one has the next number and a SHA-256 link that
 * binds it and all before it. Whoever can write to the database can compute links too, so every few
 * minutes the head is signed with a key that the database never sees: see {@link AuditCheckpoint}.
 * What was appended since the last checkpoint, and nothing before it, can be replaced unnoticed by
 * somebody with SQL.
 *
 * <p>An event locks the head of its organization's chain until its transaction commits. A host's
 * own transaction that was joined and is held open therefore keeps the organization's other
 * mutations waiting; keep it short.
 */
public interface AuditLog {

  /**
   * One page of the caller's own trail, in the order of commits, oldest first. Needs {@link
   * io.tenantkit.tenant.Scopes#AUDIT_READ}.
   *
   * <p>The cursor is a feed: an event that is committed later always comes after those that were
   * read, so keeping the last cursor misses none.
   *
   * @throws io.tenantkit.AccessDeniedException without the scope
   */
  Page<AuditEvent> list(TenantContext context, PageRequest page);

  /** As {@link #list}, each event with its number and link. */
  Page<AuditRecord> records(TenantContext context, PageRequest page);

  /**
   * Verifies the caller's whole chain against its head and the newest stored checkpoint, page by
   * page. Events from before the schema had a chain are not held by it. Needs {@link
   * io.tenantkit.tenant.Scopes#AUDIT_READ}.
   *
   * @throws io.tenantkit.AccessDeniedException without the scope
   */
  ChainVerification verify(TenantContext context);

  /**
   * Verifies against a checkpoint from outside as well, which finds a tail that was cut with its
   * head set back, and a chain that was computed anew, even when the stored checkpoints are gone. A
   * checkpoint of events that were pruned since says nothing any more.
   *
   * @throws io.tenantkit.AccessDeniedException without the scope
   * @throws io.tenantkit.InvalidInputException when it is another organization's
   */
  ChainVerification verify(TenantContext context, AuditCheckpoint checkpoint);

  /**
   * As for a tenant, for the operator.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  ChainVerification verify(Operator operator, OrganizationId organization);

  /**
   * As for a tenant, for the operator.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  ChainVerification verify(
      Operator operator, OrganizationId organization, AuditCheckpoint checkpoint);

  /**
   * Signs the head now, if it moved since it was last signed.
   *
   * @return the newest checkpoint; empty when there is no event, or the chain does not hold
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  Optional<AuditCheckpoint> checkpoint(Operator operator, OrganizationId organization);

  /**
   * Writes the caller's events above {@code afterSeq} up to {@code throughSeq} as NDJSON in ASCII,
   * one object and a line feed each, with these members in this order: {@code seq}, {@code
   * previous} and {@code hash} (the links, or null before the chain), {@code organization}, {@code
   * id}, {@code micros} (since 1970), {@code at} (the same for people), {@code actor_kind}, {@code
   * actor_id}, {@code action}, {@code target_type}, {@code target_id}, {@code details} (a text that
   * holds the JSON as it was hashed). {@link io.tenantkit.spi.StoredAuditEvent} says how a link is
   * computed from them. Needs {@link io.tenantkit.tenant.Scopes#AUDIT_READ}.
   *
   * @return how many events were written
   * @throws IOException what {@code to} throws
   * @throws io.tenantkit.AccessDeniedException without the scope
   */
  long export(TenantContext context, long afterSeq, long throughSeq, Appendable to)
      throws IOException;

  /**
   * Removes the events at the beginning of the chain that are older than a time, down to the first
   * that is not, and never above the last signed head. A signed anchor takes their place, so that
   * the rest still verifies, and an event tells of it. Verifies what it removes first.
   *
   * @return how many events were removed
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.ConflictException when the chain is broken there, or another node prunes
   *     it; then nothing was removed
   */
  long prune(Operator operator, OrganizationId organization, Instant before);
}
