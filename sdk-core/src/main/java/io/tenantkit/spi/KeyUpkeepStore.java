package io.tenantkit.spi;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What time does to API keys: which are due for a notice, who gives it, and which nobody uses.
 * Every verb is atomic, sees only the caller's organization (but for {@link
 * #organizationsWithDueKeys}), and joins the transaction that the context carries.
 */
public interface KeyUpkeepStore {

  /** What a notice is about. */
  enum Notice {
    /** The key ends soon. */
    NEAR_EXPIRY,
    /** The key is older than its organization wants. */
    ROTATION_DUE,
    /** The key has not been used. */
    UNUSED,
    /** The key was used although it has a successor. */
    OLD_KEY_USED
  }

  /**
   * The organizations, by id in ASCII order, that have a key which ends within this time, or a
   * policy on age or use. One of the closed list of cross-tenant reads; ids only. Never joins a
   * transaction.
   *
   * @param endsAfter exclusive
   * @param endsBy inclusive
   */
  List<OrganizationId> organizationsWithDueKeys(
      Instant endsAfter, Instant endsBy, @Nullable String afterId, int limit);

  /**
   * Keys by id in ASCII order, from the first after {@code afterId}, that are due for a notice:
   * switched on, not revoked, not expired at {@code now}, without a successor, of which no such
   * notice was given after {@code quietSince}, and that
   *
   * <ul>
   *   <li>{@code NEAR_EXPIRY}: end at {@code bound} or before,
   *   <li>{@code ROTATION_DUE}: were created at {@code bound} or before,
   *   <li>{@code UNUSED}: were last used, or else created, before {@code bound}.
   * </ul>
   *
   * {@code OLD_KEY_USED} depends on no row, so none is due for it.
   */
  List<ApiKey> due(
      TenantContext context,
      Notice notice,
      Instant bound,
      Instant quietSince,
      Instant now,
      @Nullable String afterId,
      int limit);

  /**
   * Claims a notice: of all nodes that ask, one is told to give it.
   *
   * @param quietSince a notice that was given after this is not given again
   * @return false when it is not to be given, or there is no such key
   */
  boolean claim(TenantContext context, ApiKeyId id, Notice notice, Instant now, Instant quietSince);

  /**
   * Replaces a key, which is revoked by this, when its version is still the expected one and it was
   * last used, or else created, before {@code since}; and writes the event. The hash never changes.
   *
   * @return false, with nothing written, when there is no such row at that version, or it was used
   */
  boolean revokeUnused(
      TenantContext context,
      StoredApiKey revoked,
      long expectedVersion,
      Instant since,
      AuditEvent event);
}
