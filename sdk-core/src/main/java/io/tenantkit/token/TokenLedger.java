package io.tenantkit.token;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The ledger of one issuer's tokens and who is denied. For upper modules, which ask for scopes
 * themselves; hosts use what signs. It writes what waits when the control plane closes. Safe for
 * use by several threads.
 */
public interface TokenLedger {
  /** How often tokens that wait are written, at least. */
  Duration FLUSH_EVERY = Duration.ofMillis(500);

  /** How long a token stays in the ledger after its end. */
  Duration KEPT = Duration.ofDays(1);

  /** The most denials that an organization may have at a time. */
  int MOST_DENIALS = 10_000;

  /**
   * The ledger of an issuer, as {@code livekit}. Each token's event is {@code
   * <issuer>.token.issued}.
   *
   * @param details what the event of a token tells
   */
  static TokenLedger of(
      PlaneRuntime runtime, String issuer, Function<LedgerEntry, Map<String, String>> details) {
    return new DefaultTokenLedger(runtime, issuer, details);
  }

  /**
   * Writes a token and its event; both are committed when it returns.
   *
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  void write(TenantContext context, LedgerEntry entry);

  /**
   * Takes a token, to be written with its event within {@link #FLUSH_EVERY} and the time that a
   * write takes. A process that is killed loses what was not written. Does not block, unless too
   * many wait.
   *
   * @throws io.tenantkit.StorageException when too many wait, or the oldest has waited for 5
   *     seconds and cannot be written
   */
  void queue(LedgerEntry entry, long nowMillis);

  /** Writes what waits of an organization. */
  void flush(OrganizationId organization);

  /** One token, of the environments in reach. */
  Optional<LedgerEntry> find(TenantContext context, String id);

  /** Tokens in the order of their issue. */
  Page<LedgerEntry> list(TenantContext context, LedgerQuery query, PageRequest page);

  /** How many there are. */
  long count(TenantContext context, LedgerQuery query);

  /** When the last of them ends. */
  Optional<Instant> lastExpiry(TenantContext context, LedgerQuery query);

  /**
   * Denies, at once on this node and within the revocation bound on others.
   *
   * @throws io.tenantkit.ConflictException when the organization has {@link #MOST_DENIALS} already
   */
  void deny(TenantContext context, TokenDenial denial, AuditEvent event);

  /** Ends a denial, as soon as {@link #deny} begins one; whether there was one. */
  boolean lift(TenantContext context, String denialId, AuditEvent event);

  /** Moves a denial's end on. */
  void extend(TenantContext context, String denialId, Instant until);

  /**
   * Who is denied in the organization, as of no longer ago than the revocation bound; mostly
   * without the storage.
   */
  Denials denials(OrganizationId organization, long nowMillis);

  /** Organizations with denials, as last read. */
  List<OrganizationId> denied();
}
