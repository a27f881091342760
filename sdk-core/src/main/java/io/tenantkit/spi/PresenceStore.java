package io.tenantkit.spi;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who was where and how long. What comes to be known of it comes in by {@link
 * ReceivedEventStore#take}; here it is looked after, summed and forgotten. Every verb is atomic,
 * sees only the caller's organization (but for {@link #organizationsWithDue}), and joins the
 * transaction that the context carries.
 */
public interface PresenceStore {
  /** How long after somebody was seen it is looked for. */
  Duration CHECK_AFTER = Duration.ofMinutes(30);

  /**
   * Up to which times things are due.
   *
   * @param checkBy presences that last and were to be looked for at this time or before
   * @param forgetBefore settled presences that were over before this time
   * @param receivedBefore events that were received before this time
   */
  record Due(Instant checkBy, Instant forgetBefore, Instant receivedBefore) {}

  /**
   * The organizations, by id in ASCII order, that have something due, or a presence that is over
   * and not settled. One of the closed list of cross-tenant reads; ids only. Never joins a
   * transaction.
   */
  List<OrganizationId> organizationsWithDue(Due due, @Nullable OrganizationId after, int limit);

  /**
   * Presences that are not settled, by environment, place and id, after this one.
   *
   * @param over only those that are over
   */
  List<Presence> unsettled(
      TenantContext context, boolean over, @Nullable Presence after, int limit);

  /**
   * Adds what is missing of these to the sums of days and settles them; those that were changed
   * since they were read are passed over.
   *
   * @param over presences that are over, each once
   * @return how many were settled; 0 when another did so at the same time
   */
  int settle(TenantContext context, List<Presence> over);

  /**
   * Claims the places that are to be looked at: of all nodes that ask, one gets each.
   *
   * @param now presences were to be looked for at this time or before
   * @param next when to look again
   */
  List<Presence.Place> claimPlaces(TenantContext context, Instant now, Instant next, int limit);

  /** Presences that last, of one place, by id, after this one. */
  List<Presence> lasting(
      TenantContext context, Presence.Place place, @Nullable String afterId, int limit);

  /**
   * Writes what was found when somebody looked; presences that were changed since they were read
   * are passed over.
   *
   * @param found each once, as {@link Presence#seen} or {@link Presence#missed} gave it
   */
  void found(TenantContext context, List<Presence> found);

  /** The sums of days, by day and kind; without what is not settled. */
  List<PresenceDay> days(
      TenantContext context, Environment environment, LocalDate from, LocalDate to);

  /**
   * Forgets settled presences that were over before a time; the sums of days keep them.
   *
   * @return how many, at most {@code limit}
   */
  int forget(TenantContext context, Instant leftBefore, int limit);

  /**
   * Forgets the sums of days before this one.
   *
   * @return how many, at most {@code limit}
   */
  int forgetDays(TenantContext context, LocalDate before, int limit);
}
