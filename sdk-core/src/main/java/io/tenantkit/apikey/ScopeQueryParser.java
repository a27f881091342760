package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the text of a {@link ScopeQuery} once, from left to right. It calls itself for parentheses
 * only, of which the depth is bounded. Its errors name a position and never repeat the text.
 */
final class ScopeQueryParser {
  private static final int MAX_LENGTH = 1_000;
  private static final int MAX_DEPTH = 16;
  private static final String AND = "AND";
  private static final String OR = "OR";

  private final String text;
  private int at;
  private int depth;
  private int scopes;

  ScopeQueryParser(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new InvalidInputException("scopeQuery", "at most 1,000 characters");
    }
    this.text = text;
  }

  ScopeQuery.Node parse() {
    ScopeQuery.Node whole = any();
    if (at < text.length()) {
      throw expected("AND or OR between spaces, or the end");
    }
    return whole;
  }

  private ScopeQuery.Node any() {
    List<ScopeQuery.Node> alternatives = new ArrayList<>();
    do {
      alternatives.add(all());
    } while (keyword(OR));
    return ScopeQuery.any(alternatives);
  }

  private ScopeQuery.Node all() {
    List<ScopeQuery.Node> parts = new ArrayList<>();
    do {
      parts.add(part());
    } while (keyword(AND));
    return ScopeQuery.all(parts);
  }

  private ScopeQuery.Node part() {
    skipSpaces();
    ScopeQuery.Node part = at < text.length() && text.charAt(at) == '(' ? parenthesized() : scope();
    skipSpaces();
    return part;
  }

  private ScopeQuery.Node parenthesized() {
    if (depth == MAX_DEPTH) {
      throw expected("parentheses at most 16 deep");
    }
    depth++;
    at++;
    ScopeQuery.Node inner = any();
    if (at == text.length() || text.charAt(at) != ')') {
      throw expected("AND or OR between spaces, or ')'");
    }
    at++;
    depth--;
    return inner;
  }

  private ScopeQuery.Node scope() {
    int end = at;
    while (end < text.length() && " ()".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    Scope scope;
    try {
      scope = Scope.of(text.substring(at, end));
    } catch (InvalidInputException e) {
      throw expected("a scope or '('");
    }
    if (scopes == ScopeQuery.MAX_SCOPES) {
      throw expected("at most 100 scopes");
    }
    scopes++;
    at = end;
    return new ScopeQuery.One(scope);
  }

  /** Steps over the keyword when it comes next, between spaces; those before were skipped. */
  private boolean keyword(String word) {
    int end = at + word.length();
    boolean next =
        text.startsWith(word, at)
            && text.charAt(at - 1) == ' '
            && end < text.length()
            && text.charAt(end) == ' ';
    if (next) {
      at = end;
    }
    return next;
  }

  private void skipSpaces() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private InvalidInputException expected(String what) {
    return new InvalidInputException("scopeQuery", "position " + (at + 1) + ": " + what);
  }
}
