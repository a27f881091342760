package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * What a key or context may do: a set of granted scopes, at most {@value #MAX_SIZE}, sorted and
 * without repeats. Immutable.
 *
 * <p>A set covers a requested scope when one of its scopes does, as {@link Scope} says; scopes do
 * not add up: {@code a:b} and {@code a:c} together never cover {@code a:*}. An empty set covers
 * nothing.
 */
public final class ScopeSet {
  /** The most scopes one set may hold. */
  public static final int MAX_SIZE = 100;

  private static final ScopeSet ALL = ScopeSet.of("*");
  private static final ScopeSet NONE = new ScopeSet(List.of());

  private final List<Scope> scopes;

  private ScopeSet(List<Scope> scopes) {
    this.scopes = scopes;
  }

  /** Everything: the single scope {@code *}. */
  public static ScopeSet all() {
    return ALL;
  }

  /** Nothing. */
  public static ScopeSet none() {
    return NONE;
  }

  /** The scopes with these texts. */
  public static ScopeSet of(String... scopes) {
    return of(Arrays.stream(scopes).map(Scope::of).toList());
  }

  /** These scopes. */
  public static ScopeSet of(Collection<Scope> scopes) {
    List<Scope> sorted = List.copyOf(new TreeSet<>(scopes));
    if (sorted.size() > MAX_SIZE) {
      throw new InvalidInputException("scopes", "at most " + MAX_SIZE);
    }
    return new ScopeSet(sorted);
  }

  /** The scopes in order. */
  public List<Scope> toList() {
    return scopes;
  }

  /** Whether one of these scopes covers the requested one. Denied by default. */
  public boolean covers(Scope requested) {
    for (int i = 0; i < scopes.size(); i++) {
      if (scopes.get(i).covers(requested)) {
        return true;
      }
    }
    return false;
  }

  /** Whether everything the other set grants is covered here. */
  public boolean coversAll(ScopeSet requested) {
    for (int i = 0; i < requested.scopes.size(); i++) {
      if (!covers(requested.scopes.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** What both sets grant. */
  public ScopeSet intersect(ScopeSet other) {
    if (this.equals(other) || other.coversAll(this)) {
      return this;
    }
    if (this.equals(ALL)) {
      return other;
    }
    TreeSet<Scope> both = new TreeSet<>();
    scopes.stream().filter(other::covers).forEach(both::add);
    other.scopes.stream().filter(this::covers).forEach(both::add);
    // Of two full sets this may hold more than MAX_SIZE; narrowing must not fail for that.
    return new ScopeSet(List.copyOf(both));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScopeSet that && scopes.equals(that.scopes);
  }

  @Override
  public int hashCode() {
    return scopes.hashCode();
  }

  /** The scopes' texts, for people. */
  @Override
  public String toString() {
    return scopes.toString();
  }
}
