package io.tenantkit.spi;

import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The counts that nodes share. Each verb is atomic and works in a transaction of its own, never in
 * the host's. PostgreSQL goes by the database's clock; the other storages, which have one process,
 * by the time that they are given. {@link Bucket} says what is counted and why it never
 * over-admits. Safe for use by several threads; every call blocks on the storage.
 */
public interface RateLimitStore {
  /** The subject of limits that all keys of the organization share. */
  String POOL = "";

  /**
   * What a call wants of one limit.
   *
   * @param subject the key's family, or {@link #POOL}
   * @param cost 0 to the limit's burst
   * @param slice how many to lease besides, when the call is admitted; fewer may be given
   */
  record Take(String subject, RateLimit limit, long cost, long slice) {}

  /**
   * What a call wants of a budget.
   *
   * @param subject the key's family, or {@link #POOL}
   */
  record Spend(String subject, Credits credits, long cost) {}

  /**
   * The lease that a call asks for.
   *
   * @param node who asks, 1 to 64 characters
   * @param number different for each call of the node
   * @param length how long it may be used; it is written off when it was not ended by then
   */
  record Lease(String node, long number, Duration length) {}

  /**
   * How a limit or budget stands after the call.
   *
   * @param admitted whether this one alone would have admitted the call
   * @param remaining what is available now
   * @param retryAfterNanos when it would admit the call; zero when it did, -1 for never
   * @param resetAfterNanos when all is there again
   * @param leased how many were leased
   */
  record Standing(
      boolean admitted, long remaining, long retryAfterNanos, long resetAfterNanos, long leased) {}

  /**
   * The answer to a call.
   *
   * @param admitted whether all limits and the budget admitted it; if not, nothing was taken
   * @param limits in the order that was asked
   * @param credits of the budget, when it was asked
   */
  record Answer(boolean admitted, List<Standing> limits, @Nullable Standing credits) {}

  /**
   * A lease that is over.
   *
   * @param unused how many of it were not used
   */
  record Ended(
      OrganizationId organization, String subject, RateLimit limit, long number, long unused) {}

  /** Takes the cost of every limit and of the budget, or nothing. */
  Answer take(
      OrganizationId organization,
      List<Take> takes,
      Optional<Spend> spend,
      Lease lease,
      Instant now);

  /** Ends leases of a node. One that has expired, or that never was, is passed over. */
  void end(String node, List<Ended> ended, Instant now);

  /**
   * Removes limits of which nothing is taken any more, of all organizations. A call may look at a
   * part of the limits only; the next call then goes on after it.
   *
   * @param most how many at most
   * @return how many there were
   */
  int removeIdle(int most, Instant now);
}
