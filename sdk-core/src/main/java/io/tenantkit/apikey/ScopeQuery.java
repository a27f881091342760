package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.util.Arrays;
import java.util.List;

/**
 * What a caller must hold: all of some scopes, or any of some. Immutable; make it once and keep it.
 */
public final class ScopeQuery {
  private static final int MAX_SCOPES = 100;
  private static final ScopeQuery NONE = new ScopeQuery(List.of(), true);

  private final List<Scope> scopes;
  private final boolean all;

  private ScopeQuery(List<Scope> scopes, boolean all) {
    if (scopes.size() > MAX_SCOPES) {
      throw new InvalidInputException("scopeQuery", "at most " + MAX_SCOPES + " scopes");
    }
    this.scopes = scopes;
    this.all = all;
  }

  /** Nothing in particular: any working key will do. */
  public static ScopeQuery none() {
    return NONE;
  }

  /** All of these. */
  public static ScopeQuery of(String... scopes) {
    return new ScopeQuery(Arrays.stream(scopes).map(Scope::of).toList(), true);
  }

  /** All of these. */
  public static ScopeQuery of(Scope... scopes) {
    return new ScopeQuery(List.of(scopes), true);
  }

  /** At least one of these, of which there is at least one. */
  public static ScopeQuery anyOf(String... scopes) {
    if (scopes.length == 0) {
      throw new InvalidInputException("scopeQuery", "at least 1 scope");
    }
    return new ScopeQuery(Arrays.stream(scopes).map(Scope::of).toList(), false);
  }

  /** The scopes that are lacking; empty when the query is met. */
  List<Scope> missingFrom(ScopeSet granted) {
    int held = 0;
    for (int i = 0; i < scopes.size(); i++) {
      if (granted.covers(scopes.get(i))) {
        held++;
      }
    }
    if (all ? held == scopes.size() : held > 0) {
      return List.of();
    }
    return scopes.stream().filter(scope -> !granted.covers(scope)).toList();
  }

  /** The query in words. */
  @Override
  public String toString() {
    return (all ? "all of " : "any of ") + scopes;
  }
}
