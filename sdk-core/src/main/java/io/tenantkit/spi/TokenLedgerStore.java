package io.tenantkit.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were issued, and who is denied. Reads see the environments in the context's reach.
 * Safe for use by several threads.
 */
public interface TokenLedgerStore {
  /** The most tokens of one batch. */
  int MOST = 1_000;

  /**
   * An organization that has denials.
   *
   * @param organization which
   * @param revision counts the changes of its denials
   */
  record Denied(OrganizationId organization, long revision) {}

  /**
   * Adds tokens of the context's organization with their events, all or none. A batch of which a
   * token is there was written before and is not written again, so one whose commit is unknown can
   * be given until it is known.
   *
   * @param entries 1 to {@value #MOST}, ids ascending
   * @return whether it was written now
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.TenantkitException with {@code ORGANIZATION_ERASED} when it was erased
   */
  boolean append(TenantContext context, List<LedgerEntry> entries, List<AuditEvent> events);

  /** One token. */
  Optional<LedgerEntry> find(TenantContext context, String issuer, String id);

  /** Tokens in the order of their ids, which is that of their issue. */
  List<LedgerEntry> list(
      TenantContext context, String issuer, LedgerQuery query, @Nullable String afterId, int limit);

  /** How many there are. */
  long count(TenantContext context, String issuer, LedgerQuery query);

  /** When the last of them ends; empty when there is none. */
  Optional<Instant> lastExpiry(TenantContext context, String issuer, LedgerQuery query);

  /**
   * Writes a denial with its event; the organization's revision counts on.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   * @throws io.tenantkit.TenantkitException with {@code ORGANIZATION_ERASED} when it was erased
   */
  void deny(TenantContext context, TokenDenial denial, AuditEvent event);

  /**
   * Removes a denial.
   *
   * @return whether it was there; if not, nothing is written
   */
  boolean lift(TenantContext context, String denialId, AuditEvent event);

  /**
   * Moves the end of a denial on, never back. No event, for it stays what it was.
   *
   * @return whether it is there and ended before
   */
  boolean extend(TenantContext context, String denialId, Instant until);

  /** Denials that end after this time, in the order of their ids, in all environments in reach. */
  List<TokenDenial> denials(
      TenantContext context, Instant activeAt, @Nullable String afterId, int limit);

  /** On the closed list: organizations with denials that end after this time, by their ids. */
  List<Denied> organizationsWithDenials(Instant now, @Nullable String afterId, int limit);

  /** On the closed list, clean-up: organizations with rows that ended before this time. */
  List<OrganizationId> organizationsWithEnded(Instant before, @Nullable String afterId, int limit);

  /**
   * Removes tokens and denials that ended before this time.
   *
   * @param limit the most of each
   * @return how many were removed
   */
  int removeEnded(TenantContext context, Instant before, int limit);

  /** Removes all tokens and denials of the organization, as when it is erased. */
  void removeAll(TenantContext context);
}
