package io.tenantkit.apikey;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.Ceiling;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a caller may bring about: no key that holds more, lives longer or is limited less than the
 * caller's own. What the caller did not ask for it inherits; what it asked for above its own is
 * refused. Stateless.
 */
final class Authority {
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000L);

  private Authority() {}

  /**
   * The grants a new key gets: those wanted, and what the caller's own key is held to besides.
   *
   * @throws AccessDeniedException when more is wanted than the caller holds
   */
  static KeyGrants granted(TenantContext context, KeyMode mode, KeyGrants wanted) {
    requireScopes(context, wanted.scopes());
    mode.environments().forEach(context::require);
    KeyGrants granted = wanted;
    for (Ceiling ceiling : context.ceilings()) {
      granted =
          granted
              .withLimits(limits(ceiling.limits(), granted.limits()))
              .withCredits(credits(ceiling.credits(), granted.credits()))
              .withAddresses(addresses(ceiling.addresses(), granted.addresses()));
    }
    return granted;
  }

  /**
   * When a new key ends: when it is wanted to, or else as soon as the organization's policy or the
   * caller's own key demands.
   *
   * @throws InvalidInputException when a longer life is wanted than the policy allows
   * @throws AccessDeniedException when it would outlive the caller's key
   */
  static Optional<Instant> end(
      TenantContext context, KeyPolicy policy, Optional<Duration> lifetime, Instant now) {
    Optional<Duration> longest = policy.longestLifetime();
    if (lifetime.isPresent()
        && longest.isPresent()
        && lifetime.get().compareTo(longest.get()) > 0) {
      throw new InvalidInputException(
          "lifetime", "at most the organization's longest, " + longest.get());
    }
    if (lifetime.isPresent()) {
      Optional<Instant> wanted = lifetime.map(life -> after(now, life));
      requireEnd(context, wanted);
      return wanted;
    }
    Optional<Instant> end = longest.map(life -> after(now, life));
    for (Ceiling ceiling : context.ceilings()) {
      end = earlier(end, ceiling.expiresAt());
    }
    return end;
  }

  /**
   * Demands that the caller could create such a key, exactly as it is.
   *
   * @throws AccessDeniedException when it could not
   */
  static void requireMayHold(
      TenantContext context, KeyMode mode, KeyGrants grants, Optional<Instant> end) {
    if (!granted(context, mode, grants).equals(grants)) {
      throw new AccessDeniedException("a key cannot be limited less than its creator is");
    }
    requireEnd(context, end);
  }

  private static void requireEnd(TenantContext context, Optional<Instant> end) {
    for (Ceiling ceiling : context.ceilings()) {
      if (ceiling.expiresAt().isPresent()
          && (end.isEmpty() || end.get().isAfter(ceiling.expiresAt().get()))) {
        throw new AccessDeniedException("a key cannot outlive its creator");
      }
    }
  }

  static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.isPresent() ? one : other;
    }
    return one.get().isBefore(other.get()) ? one : other;
  }

  static Instant after(Instant now, Duration life) {
    return now.plus(life).truncatedTo(ChronoUnit.MICROS);
  }

  private static void requireScopes(TenantContext context, ScopeSet scopes) {
    if (!context.scopes().coversAll(scopes)) {
      throw new AccessDeniedException("a key cannot hold a scope that its creator does not hold");
    }
  }

  private static List<RateLimit> limits(List<RateLimit> own, List<RateLimit> wanted) {
    List<RateLimit> all = new ArrayList<>(wanted);
    for (RateLimit limit : own) {
      Optional<RateLimit> same =
          wanted.stream().filter(each -> each.name().equals(limit.name())).findFirst();
      if (same.isEmpty()) {
        all.add(limit);
      } else if (isLooser(same.get(), limit)) {
        throw new AccessDeniedException(
            "limit " + limit.name() + " cannot be looser than its creator's");
      }
    }
    return all;
  }

  private static boolean isLooser(RateLimit wanted, RateLimit own) {
    return isFaster(wanted.limit(), wanted.window(), own.limit(), own.window())
        || wanted.burst() > own.burst()
        || (wanted.mode() == RateLimit.Mode.LOCAL && own.mode() != RateLimit.Mode.LOCAL)
        || (wanted.onFailure() == RateLimit.OnFailure.OPEN
            && own.onFailure() == RateLimit.OnFailure.CLOSED);
  }

  /** Whether so many in so long is more than the other, exactly and without overflow. */
  private static boolean isFaster(
      long many, Duration window, long otherMany, Duration otherWindow) {
    BigInteger one = BigInteger.valueOf(many).multiply(nanos(otherWindow));
    BigInteger other = BigInteger.valueOf(otherMany).multiply(nanos(window));
    return one.compareTo(other) > 0;
  }

  private static BigInteger nanos(Duration duration) {
    return BigInteger.valueOf(duration.getSeconds())
        .multiply(NANOS)
        .add(BigInteger.valueOf(duration.getNano()));
  }

  private static Optional<Credits> credits(Optional<Credits> own, Optional<Credits> wanted) {
    if (own.isEmpty() || wanted.isEmpty()) {
      return wanted.isPresent() ? wanted : own;
    }
    if (wanted.get().amount() > own.get().amount()
        || isRefilledFaster(wanted.get().refill(), own.get().refill())) {
      throw new AccessDeniedException("credits cannot be more than their creator's");
    }
    return wanted;
  }

  private static boolean isRefilledFaster(
      Optional<Credits.Refill> wanted, Optional<Credits.Refill> own) {
    if (wanted.isEmpty()) {
      return false;
    }
    return own.isEmpty()
        || isFaster(
            wanted.get().amount(), wanted.get().every(), own.get().amount(), own.get().every());
  }

  private static AddressList addresses(AddressList own, AddressList wanted) {
    if (wanted.isAnywhere()) {
      return own;
    }
    if (!own.covers(wanted)) {
      throw new AccessDeniedException("addresses cannot reach beyond their creator's");
    }
    return wanted;
  }
}
