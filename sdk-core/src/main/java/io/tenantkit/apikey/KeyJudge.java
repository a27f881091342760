package io.tenantkit.apikey;

import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.Scope;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From a key's facts to a verdict. What is free is asked first and all of it, so that a refusal
 * names everything; limits are taken from last, and only by a call that nothing else refuses, so
 * that a refused call takes nothing of them.
 */
final class KeyJudge {
  static final Verdict.Refused NOT_FOUND =
      new Verdict.Refused(
          Set.of(Verdict.Reason.NOT_FOUND),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty());

  private static final Set<LimitStatus.Outcome> FULL =
      EnumSet.of(LimitStatus.Outcome.REFUSED, LimitStatus.Outcome.TOO_COSTLY);

  private static final String UNKNOWN_KEYS = "unknown-keys";
  private static final Duration UNKNOWN_KEYS_WINDOW = Duration.ofSeconds(1);

  private final Clock clock;

  KeyJudge(Clock clock) {
    this.clock = clock;
  }

  /** Too many look-ups from there found nothing, so this one is not made. */
  static Verdict.Refused held(long waitMillis) {
    Duration wait = Duration.ofMillis(waitMillis);
    LimitStatus status =
        new LimitStatus(
            UNKNOWN_KEYS,
            LimitStatus.Of.KEY,
            MissGuard.OF_A_SOURCE.perSecond(),
            UNKNOWN_KEYS_WINDOW,
            0,
            wait,
            wait,
            LimitStatus.Outcome.REFUSED);
    return new Verdict.Refused(
        Set.of(Verdict.Reason.RATE_LIMITED),
        List.of(),
        List.of(status),
        Optional.empty(),
        Optional.empty());
  }

  /** What is wrong with the key or with what it is asked for, limits aside; null if nothing. */
  Verdict.@Nullable Refused refusal(CachedKey entry, VerifyRequest request, long now) {
    List<Scope> missing = request.scopes().missingFrom(entry.scopes());
    boolean expired = now >= entry.expiresAtMillis();
    Environment environment = request.environment();
    boolean reachable = environment == null || entry.mode().environments().contains(environment);
    boolean allowed = mayComeFrom(entry.grants().addresses(), request.address());
    if (missing.isEmpty() && !expired && entry.usable() && reachable && allowed) {
      return null;
    }
    ApiKey key = entry.key();
    EnumSet<Verdict.Reason> reasons = EnumSet.noneOf(Verdict.Reason.class);
    add(reasons, !key.enabled(), Verdict.Reason.DISABLED);
    add(reasons, key.revocation().isPresent(), Verdict.Reason.REVOKED);
    add(reasons, expired, Verdict.Reason.EXPIRED);
    add(reasons, !missing.isEmpty(), Verdict.Reason.INSUFFICIENT_SCOPE);
    add(
        reasons,
        entry.status() != Organization.Status.ACTIVE,
        Verdict.Reason.ORGANIZATION_SUSPENDED);
    add(reasons, !reachable, Verdict.Reason.WRONG_ENVIRONMENT);
    add(reasons, !allowed, Verdict.Reason.ADDRESS_FORBIDDEN);
    List<LimitStatus> limits = standing(entry, request);
    boolean full = limits.stream().anyMatch(limit -> FULL.contains(limit.outcome()));
    add(reasons, full, Verdict.Reason.RATE_LIMITED);
    return refused(entry, reasons, missing, limits);
  }

  /** Where the limits stand that this process counts by itself; to ask costs nothing. */
  private List<LimitStatus> standing(CachedKey entry, VerifyRequest request) {
    PreparedLimits limits = entry.limits();
    return limits == null || !entry.usable()
        ? List.of()
        : limits.standing(RateLimiter.nanos(clock.instant()), request.cost(), request.costs());
  }

  private static void add(EnumSet<Verdict.Reason> reasons, boolean applies, Verdict.Reason reason) {
    if (applies) {
      reasons.add(reason);
    }
  }

  private static boolean mayComeFrom(AddressList allowed, @Nullable InetAddress from) {
    return allowed.isAnywhere() || (from != null && allowed.contains(from));
  }

  /**
   * The verdict on a call that the limits admitted while the key had to be read again: the limits
   * are not asked twice.
   */
  static Verdict admitted(CachedKey entry, Verdict.Valid before) {
    return new Verdict.Valid(entry, before.decision());
  }

  /** Takes the call's cost of every limit, or of none. */
  Verdict limited(CachedKey entry, VerifyRequest request) {
    PreparedLimits limits = entry.limits();
    if (limits == null) {
      return new Verdict.Valid(entry, LimitDecision.unlimited());
    }
    LimitDecision decision =
        limits.decide(RateLimiter.nanos(clock.instant()), request.cost(), request.costs());
    if (decision.admitted()) {
      return new Verdict.Valid(entry, decision);
    }
    EnumSet<Verdict.Reason> reasons = EnumSet.noneOf(Verdict.Reason.class);
    add(reasons, decision.rateLimited(), Verdict.Reason.RATE_LIMITED);
    add(reasons, decision.quotaExceeded(), Verdict.Reason.QUOTA_EXCEEDED);
    return refused(entry, reasons, List.of(), decision.statuses());
  }

  private static Verdict.Refused refused(
      CachedKey entry, Set<Verdict.Reason> reasons, List<Scope> missing, List<LimitStatus> limits) {
    return new Verdict.Refused(
        reasons, missing, limits, Optional.of(entry.id()), Optional.of(entry.organization()));
  }
}
