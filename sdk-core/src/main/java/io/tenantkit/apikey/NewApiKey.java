package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.ScopeSet;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a key to be created should be. Immutable; each method answers a changed copy.
 *
 * @param mode live or test
 * @param name for people, 1 to 255 characters
 * @param description for people, 1 to 1,000 characters, if any
 * @param grants what it may do, how often, and from where; no scope unless said
 * @param lifetime how long it lives, more than zero and at most {@link #MAX_LIFETIME}; empty for no
 *     end
 * @param idempotencyId the caller's own name for this call, 1 to 255 characters, when it may have
 *     to be repeated
 */
public record NewApiKey(
    KeyMode mode,
    String name,
    Optional<String> description,
    KeyGrants grants,
    Optional<Duration> lifetime,
    Optional<String> idempotencyId) {
  /** The longest lifetime that can be asked for: ten years of 365 days. */
  public static final Duration MAX_LIFETIME = Duration.ofDays(3_650);

  public NewApiKey {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(grants, "grants");
    Texts.require("name", name, 255);
    description.ifPresent(text -> Texts.require("description", text, 1_000));
    idempotencyId.ifPresent(text -> Texts.require("idempotencyId", text, 255));
    requireLifetime(lifetime);
  }

  static void requireLifetime(Optional<Duration> lifetime) {
    if (lifetime.isPresent()
        && (lifetime.get().isZero()
            || lifetime.get().isNegative()
            || lifetime.get().compareTo(MAX_LIFETIME) > 0)) {
      throw new InvalidInputException("lifetime", "more than zero, at most 3,650 days");
    }
  }

  /** A key for production. */
  public static NewApiKey live(String name) {
    return of(KeyMode.LIVE, name);
  }

  /** A key for development and staging. */
  public static NewApiKey test(String name) {
    return of(KeyMode.TEST, name);
  }

  private static NewApiKey of(KeyMode mode, String name) {
    return new NewApiKey(
        mode, name, Optional.empty(), KeyGrants.none(), Optional.empty(), Optional.empty());
  }

  /** With exactly these scopes. */
  public NewApiKey scopes(String... granted) {
    return granting(grants.withScopes(ScopeSet.of(granted)));
  }

  /** With one more limit, counted in each process by itself. */
  public NewApiKey limit(String limitName, long limit, Duration window) {
    return limit(RateLimit.of(limitName, limit, window));
  }

  /** With one more limit. */
  public NewApiKey limit(RateLimit added) {
    return granting(grants.withLimit(added));
  }

  /** With a budget. */
  public NewApiKey credits(Credits budget) {
    return granting(grants.withCredits(Optional.of(budget)));
  }

  /** Only from these addresses and ranges, for example {@code 192.0.2.0/24}. */
  public NewApiKey addresses(String... ranges) {
    return granting(grants.withAddresses(AddressList.of(ranges)));
  }

  /** With exactly these grants. */
  public NewApiKey granting(KeyGrants changed) {
    return new NewApiKey(mode, name, description, changed, lifetime, idempotencyId);
  }

  /** With this description. */
  public NewApiKey description(String text) {
    return new NewApiKey(mode, name, Optional.of(text), grants, lifetime, idempotencyId);
  }

  /** With this lifetime from its creation. */
  public NewApiKey lifetime(Duration wanted) {
    return new NewApiKey(mode, name, description, grants, Optional.of(wanted), idempotencyId);
  }

  /**
   * Under this name, so that the same call may be repeated when its answer was lost. A repeat is
   * the same when organization, actor and everything that was asked for are. Within ten minutes of
   * the first call, and while the key has never been verified, it answers a fresh secret for the
   * same key, and the unseen one dies. After that, and when the key was revoked, rotated or has
   * ended, or when something else is asked for under this name, it is a conflict that names the key
   * and carries no secret.
   */
  public NewApiKey idempotencyId(String id) {
    return new NewApiKey(mode, name, description, grants, lifetime, Optional.of(id));
  }

  /** What it may do. */
  public ScopeSet scopes() {
    return grants.scopes();
  }
}
