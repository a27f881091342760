package io.tenantkit.metric;

/**
 * The names of what the core measures, each with its tags. Durations are in nanoseconds, gauges
 * say.
 */
public final class MeterNames {
  /**
   * Counter: verdicts. Tag {@code outcome}: {@code valid}, or the first reason of a refusal in
   * lower case.
   */
  public static final String VERIFICATIONS = "tenantkit.verify";

  /** Timer: verifications as the caller sees them, one in 16 of them at random. */
  public static final String VERIFY_TIME = "tenantkit.verify.time";

  /**
   * Counter: how verdicts came about. Tag {@code answer}: {@code hit}, from memory; {@code
   * negative}, from memory that there is no such key; {@code read}, from the storage; {@code held},
   * refused without asking because too many unknown keys were presented.
   */
  public static final String LOOKUPS = "tenantkit.verify.lookups";

  /** Timer: reading a key by its hash from the storage. */
  public static final String LOOKUP_TIME = "tenantkit.verify.lookup.time";

  /** Counter: changes that the feed told of. */
  public static final String CHANGES = "tenantkit.changes";

  /** Counter: how often the feed could not name what changed, so that all was forgotten. */
  public static final String CHANGE_RESETS = "tenantkit.changes.resets";

  /** Gauge: how many milliseconds ago the feed was last known whole; -1 before the first poll. */
  public static final String CHANGE_LAG = "tenantkit.changes.lag";

  /** Counter: keys whose use was written. */
  public static final String USAGE_KEYS = "tenantkit.usage.keys";

  /** Counter: batches in which it was written. */
  public static final String USAGE_BATCHES = "tenantkit.usage.batches";

  /** Counter: uses that were given up because they could not be written. */
  public static final String USAGE_LOST = "tenantkit.usage.lost";

  /** Timer: asking the storage about shared limits, credits and leases. */
  public static final String LIMIT_TIME = "tenantkit.limits.time";

  /**
   * Counter: limits that could not be asked about. Tag {@code answer}: {@code open}, admitted;
   * {@code closed}, refused; as each limit wants it.
   */
  public static final String LIMIT_FAILURES = "tenantkit.limits.failed";

  /** Gauge: how many keys and organizations have counts in this process. */
  public static final String LIMIT_SUBJECTS = "tenantkit.limits.subjects";

  /** Counter: cost units that leases took ahead. */
  public static final String LIMIT_LEASED = "tenantkit.limits.leased";

  /** Counter: leases that were given back. */
  public static final String LIMIT_RETURNED = "tenantkit.limits.returned";

  /** Counter: logins whose token was accepted. */
  public static final String LOGINS_ACCEPTED = "tenantkit.oidc.accepted";

  /**
   * Counter: logins whose token was refused. Tag {@code reason}: a name of {@link
   * io.tenantkit.oidc.OidcResult.Reason} in lower case.
   */
  public static final String LOGINS_REFUSED = "tenantkit.oidc.refused";

  private MeterNames() {}
}
