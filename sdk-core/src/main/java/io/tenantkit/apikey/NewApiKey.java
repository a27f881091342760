package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
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
 * @param scopes what it may do; none unless said
 * @param lifetime how long it lives, more than zero and at most {@link #MAX_LIFETIME}; empty for no
 *     end
 */
public record NewApiKey(KeyMode mode, String name, ScopeSet scopes, Optional<Duration> lifetime) {
  /** The longest lifetime that can be asked for: ten years of 365 days. */
  public static final Duration MAX_LIFETIME = Duration.ofDays(3_650);

  public NewApiKey {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(scopes, "scopes");
    Texts.require("name", name, 255);
    if (lifetime.isPresent()
        && (lifetime.get().isZero()
            || lifetime.get().isNegative()
            || lifetime.get().compareTo(MAX_LIFETIME) > 0)) {
      throw new InvalidInputException("lifetime", "more than zero, at most 3,650 days");
    }
  }

  /** A key for production. */
  public static NewApiKey live(String name) {
    return new NewApiKey(KeyMode.LIVE, name, ScopeSet.none(), Optional.empty());
  }

  /** A key for development and staging. */
  public static NewApiKey test(String name) {
    return new NewApiKey(KeyMode.TEST, name, ScopeSet.none(), Optional.empty());
  }

  /** With exactly these scopes. */
  public NewApiKey scopes(String... granted) {
    return new NewApiKey(mode, name, ScopeSet.of(granted), lifetime);
  }

  /** With this lifetime from its creation. */
  public NewApiKey lifetime(Duration wanted) {
    return new NewApiKey(mode, name, scopes, Optional.of(wanted));
  }
}
