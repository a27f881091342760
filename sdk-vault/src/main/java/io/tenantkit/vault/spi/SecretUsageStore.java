package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.usage.ActorAccess;
import io.tenantkit.vault.usage.CostLine;
import io.tenantkit.vault.usage.Finding;
import io.tenantkit.vault.usage.UsageHistory;
import io.tenantkit.vault.usage.UsageLine;
import io.tenantkit.vault.usage.UsageQuery;
import io.tenantkit.vault.usage.UseSubject;
import io.tenantkit.vault.usage.UseTimes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sums of the uses of secrets, and what was found unusual in them. Every verb is atomic and sees
 * the caller's organization only; those that answer questions tell of the environments that the
 * context reaches and no others. Rows hold ids and numbers, never a secret, and outlive the secrets
 * they are of.
 */
public interface SecretUsageStore {

  /**
   * How far the writing and the judging have come. Each batch that is written has a number of its
   * organization, and what it changed carries it.
   *
   * @param written the last batch's number, 0 when there is none
   * @param analysed up to which number the changes were judged
   */
  record Mark(long written, long analysed) {}

  /**
   * An hour's sum that changed.
   *
   * @param hour its beginning
   * @param number the batch that changed it last
   */
  record Changed(
      UseSubject subject, boolean ok, boolean refused, Instant hour, long uses, long number) {}

  /**
   * Adds a batch's sums to those of its hours, its days and of all time. A batch that was written
   * before is not written again, so one whose commit is unknown can be given until it is known.
   *
   * @return whether it was written now
   * @throws io.tenantkit.NotFoundException when the organization does not exist
   */
  boolean add(TenantContext context, SecretUsageBatch batch);

  /** Sums, by key, from the first after {@code afterKey}: text in ASCII order, times in theirs. */
  List<UsageLine> usage(
      TenantContext context, UsageQuery query, @Nullable String afterKey, int limit);

  /** The successful uses of a secret; empty when there was none. */
  Optional<UseTimes> times(TenantContext context, String secret);

  /**
   * What each actor did with each secret within a time, by day, ordered by secret, actor and
   * environment, from the first after {@code after}.
   */
  List<ActorAccess> access(
      TenantContext context, Instant from, Instant until, @Nullable UseSubject after, int limit);

  /**
   * Cost by secret, day, unit and currency, from the first after {@code after}.
   *
   * @param secret of this one only
   */
  List<CostLine> costs(
      TenantContext context,
      Instant from,
      Instant until,
      Optional<String> secret,
      @Nullable CostLine after,
      int limit);

  /** What the rules ask; see {@link UsageHistory#seen}. */
  UsageHistory.Seen seen(TenantContext context, String secret, Actor actor, String tool);

  /** What the rules ask; see {@link UsageHistory#hours}. */
  List<UsageHistory.HourCount> hours(
      TenantContext context,
      String secret,
      Optional<Actor> actor,
      boolean refused,
      Instant from,
      Instant until);

  /** What the rules ask; see {@link UsageHistory#lastDayBefore}. */
  Optional<Instant> lastDayBefore(TenantContext context, String secret, Instant day);

  /** How far this organization has come. */
  Mark mark(TenantContext context);

  /**
   * Hours' sums that changed after a number, by number.
   *
   * @param since hours before this are passed over
   */
  List<Changed> changed(TenantContext context, long afterNumber, Instant since, int limit);

  /** Marks the changes up to a number as judged; never back. */
  void analysed(TenantContext context, long number);

  /**
   * Writes a finding and its event.
   *
   * @return false, with nothing written, when it was found before
   */
  boolean record(TenantContext context, Finding finding, AuditEvent event);

  /** Findings by id, from the first after {@code afterId} and below {@code untilId}. */
  List<Finding> findings(TenantContext context, String afterId, String untilId, int limit);

  /**
   * Organizations with changes that were not judged, or that were not cleaned since a time, by id.
   * On the closed list; ids only.
   */
  List<OrganizationId> due(Instant cleanedBefore, @Nullable String afterId, int limit);

  /**
   * Removes what is too old: at most {@code limit} rows of each kind.
   *
   * @param hours sums by hour that began before
   * @param days sums by day, cost and findings of before
   * @param ever sums of all time that were last added to before
   * @param now when, noted once nothing is left to remove
   * @return how many rows were removed
   */
  int clean(
      TenantContext context, Instant hours, Instant days, Instant ever, Instant now, int limit);
}
