package io.tenantkit.apikey;

import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.ScopeSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a key may do, how often, and from where. Immutable.
 *
 * @param scopes what it may do
 * @param limits how often, each by its own name; at most {@value Limits#MAX_RATES}
 * @param credits how often in all, when it has a budget
 * @param addresses from where
 */
public record KeyGrants(
    ScopeSet scopes, List<RateLimit> limits, Optional<Credits> credits, AddressList addresses) {
  private static final KeyGrants NONE =
      new KeyGrants(ScopeSet.none(), List.of(), Optional.empty(), AddressList.anywhere());

  public KeyGrants {
    Objects.requireNonNull(scopes, "scopes");
    Objects.requireNonNull(credits, "credits");
    Objects.requireNonNull(addresses, "addresses");
    limits = new Limits(limits, credits).rates();
  }

  /** No scope, no limit, from anywhere. */
  public static KeyGrants none() {
    return NONE;
  }

  /** With exactly these scopes. */
  public KeyGrants withScopes(ScopeSet changed) {
    return new KeyGrants(changed, limits, credits, addresses);
  }

  /** With exactly these limits. */
  public KeyGrants withLimits(List<RateLimit> changed) {
    return new KeyGrants(scopes, changed, credits, addresses);
  }

  /** With one more limit. */
  public KeyGrants withLimit(RateLimit added) {
    List<RateLimit> more = new ArrayList<>(limits);
    more.add(added);
    return withLimits(more);
  }

  /** With this budget. */
  public KeyGrants withCredits(Optional<Credits> changed) {
    return new KeyGrants(scopes, limits, changed, addresses);
  }

  /** From exactly there. */
  public KeyGrants withAddresses(AddressList changed) {
    return new KeyGrants(scopes, limits, credits, changed);
  }
}
