package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What a caller must hold: all of some scopes, any of some, or both mixed. Immutable; make it once
 * and keep it. As text:
 *
 * <pre>
 * query = any
 * any   = all *( SP "OR" SP all )
 * all   = part *( SP "AND" SP part )               ; binds tighter than OR
 * part  = scope | "(" any ")"
 * </pre>
 *
 * <p>{@code scope} is as in {@link Scope}; the keywords are upper-case, which no scope is. A
 * keyword has a space on either side. More spaces may stand between any two parts, before and
 * after; other white space may not. At most 1,000 characters, 100 scopes, and parentheses 16 deep.
 * A text without a scope is refused, so that a setting that was left empty opens no door: {@link
 * #none} has to be said. There is no {@code NOT}: what somebody holds can only open.
 *
 * <table>
 * <caption>Examples</caption>
 * <tr><th>query<th>met by<th>not met by
 * <tr><td>{@code flows:read}<td>{@code flows:read}; {@code flows:*}; {@code *}<td>{@code
 *     flows:execute}
 * <tr><td>{@code flows:read AND livekit:create-session}<td>{@code flows:*} with {@code
 *     livekit:*}<td>{@code flows:*}
 * <tr><td>{@code flows:read OR flows:execute AND agents:read}<td>{@code flows:read}<td>{@code
 *     flows:execute}
 * <tr><td>{@code (flows:read OR flows:execute) AND agents:read}<td>{@code flows:execute} with
 *     {@code agents:read}<td>{@code flows:read}
 * <tr><td>{@code livekit:*}<td>{@code livekit:*}; {@code *}<td>{@code livekit:read}
 * </table>
 */
public final class ScopeQuery {
  static final int MAX_SCOPES = 100;
  private static final ScopeQuery NONE = new ScopeQuery(new All(List.of()));

  /** One of the three forms that a query is made of; immutable. */
  sealed interface Node {
    /** Whether the scopes that are granted, with those named, meet this. */
    boolean metBy(ScopeSet granted, List<Scope> named);

    /** Adds to the scopes already named what this lacks; for a node that is not met with them. */
    void addMissing(ScopeSet granted, List<Scope> missing);
  }

  /** One scope. */
  record One(Scope scope) implements Node {
    @Override
    public boolean metBy(ScopeSet granted, List<Scope> named) {
      if (granted.covers(scope)) {
        return true;
      }
      for (int i = 0; i < named.size(); i++) {
        if (named.get(i).covers(scope)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void addMissing(ScopeSet granted, List<Scope> missing) {
      if (!missing.contains(scope)) {
        missing.add(scope);
      }
    }
  }

  /** All of these; met when there are none. */
  record All(List<Node> parts) implements Node {
    @Override
    public boolean metBy(ScopeSet granted, List<Scope> named) {
      for (int i = 0; i < parts.size(); i++) {
        if (!parts.get(i).metBy(granted, named)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void addMissing(ScopeSet granted, List<Scope> missing) {
      // First what is asked for outright: it may already meet an alternative of another part.
      for (Node part : parts) {
        if (part instanceof One one && !granted.covers(one.scope())) {
          one.addMissing(granted, missing);
        }
      }
      for (Node part : parts) {
        if (!(part instanceof One) && !part.metBy(granted, missing)) {
          part.addMissing(granted, missing);
        }
      }
    }
  }

  /** At least one of these, of which there are two or more. */
  record Any(List<Node> alternatives) implements Node {
    @Override
    public boolean metBy(ScopeSet granted, List<Scope> named) {
      for (int i = 0; i < alternatives.size(); i++) {
        if (alternatives.get(i).metBy(granted, named)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void addMissing(ScopeSet granted, List<Scope> missing) {
      List<Scope> cheapest = null;
      for (Node alternative : alternatives) {
        List<Scope> with = new ArrayList<>(missing);
        alternative.addMissing(granted, with);
        if (cheapest == null || with.size() < cheapest.size()) {
          cheapest = with;
        }
      }
      missing.clear();
      missing.addAll(Objects.requireNonNull(cheapest));
    }
  }

  private final Node root;

  private ScopeQuery(Node root) {
    this.root = root;
  }

  /** Nothing in particular: any working key will do. */
  public static ScopeQuery none() {
    return NONE;
  }

  /** All of these. */
  public static ScopeQuery of(String... scopes) {
    return of(bounded(Arrays.asList(scopes)).stream().map(Scope::of).toArray(Scope[]::new));
  }

  /** All of these. */
  public static ScopeQuery of(Scope... scopes) {
    List<Node> parts = new ArrayList<>();
    bounded(Arrays.asList(scopes)).forEach(scope -> parts.add(new One(scope)));
    return new ScopeQuery(all(parts));
  }

  /** At least one of these, of which there is at least one. */
  public static ScopeQuery anyOf(String... scopes) {
    if (scopes.length == 0) {
      throw new InvalidInputException("scopeQuery", "at least 1 scope");
    }
    List<Node> alternatives = new ArrayList<>();
    bounded(Arrays.asList(scopes)).forEach(scope -> alternatives.add(new One(Scope.of(scope))));
    return new ScopeQuery(any(alternatives));
  }

  /**
   * The query with this text, in the grammar above; for example {@code livekit:read AND (flows:read
   * OR flows:execute)}.
   *
   * @throws InvalidInputException naming the position, counted from 1, and what was expected there
   */
  public static ScopeQuery parse(String text) {
    return new ScopeQuery(new ScopeQueryParser(text).parse());
  }

  /** Of one node the node itself, so that equal queries are equal trees. */
  static Node all(List<Node> parts) {
    return parts.size() == 1 ? parts.get(0) : new All(List.copyOf(parts));
  }

  /** Of one node the node itself. */
  static Node any(List<Node> alternatives) {
    return alternatives.size() == 1 ? alternatives.get(0) : new Any(List.copyOf(alternatives));
  }

  private static <T> List<T> bounded(List<T> scopes) {
    if (scopes.size() > MAX_SCOPES) {
      throw new InvalidInputException("scopeQuery", "at most " + MAX_SCOPES + " scopes");
    }
    return scopes;
  }

  /**
   * Scopes, none of them granted and without repeats, that would meet the query if they were
   * granted too; empty when it is met.
   *
   * <p>Of parts that must all be met, what each of them lacks, plain scopes before parts with
   * alternatives. Of alternatives, none of which is met, what the cheapest lacks: the one that adds
   * the fewest scopes to those already named, the first of several. A query that is nothing but a
   * list of plain alternatives, as {@link #anyOf} makes it, names all of them: none is cheaper, and
   * whoever grants scopes can choose.
   *
   * <p>Parts choose one after the other, so of alternatives that share scopes across parts a
   * smaller choice may exist.
   */
  List<Scope> missingFrom(ScopeSet granted) {
    if (root.metBy(granted, List.of())) {
      return List.of();
    }
    List<Scope> missing = new ArrayList<>();
    if (root instanceof Any any && any.alternatives().stream().allMatch(One.class::isInstance)) {
      any.alternatives().forEach(one -> one.addMissing(granted, missing));
    } else {
      root.addMissing(granted, missing);
    }
    return missing;
  }

  /**
   * The query in the form that {@link #parse} reads, with no spaces and parentheses but those
   * needed; empty for {@link #none}. What was parsed is never longer or deeper than it was.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    write(root, text);
    return text.toString();
  }

  /** As deep as the tree, which the parser bounds. */
  private static void write(Node node, StringBuilder text) {
    if (node instanceof One one) {
      text.append(one.scope());
    } else if (node instanceof All all) {
      for (int i = 0; i < all.parts().size(); i++) {
        text.append(i == 0 ? "" : " AND ");
        writeWithin(all.parts().get(i), !(all.parts().get(i) instanceof One), text);
      }
    } else if (node instanceof Any any) {
      for (int i = 0; i < any.alternatives().size(); i++) {
        text.append(i == 0 ? "" : " OR ");
        writeWithin(any.alternatives().get(i), any.alternatives().get(i) instanceof Any, text);
      }
    }
  }

  private static void writeWithin(Node node, boolean parentheses, StringBuilder text) {
    text.append(parentheses ? "(" : "");
    write(node, text);
    text.append(parentheses ? ")" : "");
  }
}
