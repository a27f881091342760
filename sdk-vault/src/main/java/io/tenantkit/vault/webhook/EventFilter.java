package io.tenantkit.vault.webhook;

import io.tenantkit.InvalidInputException;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which events an endpoint is told: actions of the audit trail such as {@code api_key.created}, or
 * all below a name, {@code api_key.*}, or all, {@code *}. Immutable.
 *
 * @param patterns 1 to {@value #MAX_PATTERNS}, in order and without repeats
 */
public record EventFilter(List<String> patterns) {
  /** The most patterns of one endpoint. */
  public static final int MAX_PATTERNS = 32;

  private static final Pattern FORM =
      Pattern.compile("\\*|[a-z0-9_-]{1,32}(\\.[a-z0-9_-]{1,32}){0,2}(\\.\\*)?");

  public EventFilter {
    patterns = List.copyOf(new TreeSet<>(patterns));
    if (patterns.isEmpty()
        || patterns.size() > MAX_PATTERNS
        || !patterns.stream().allMatch(each -> FORM.matcher(each).matches())) {
      throw new InvalidInputException(
          "events", "1 to 32 actions such as api_key.created, api_key.* or *");
    }
  }

  /** Everything. */
  public static EventFilter all() {
    return of("*");
  }

  /** These patterns. */
  public static EventFilter of(String... patterns) {
    return new EventFilter(List.of(patterns));
  }

  /** These patterns. */
  public static EventFilter of(Collection<String> patterns) {
    return new EventFilter(List.copyOf(patterns));
  }

  /** Whether an event of this kind is told. */
  public boolean matches(String action) {
    for (String pattern : patterns) {
      boolean wild = pattern.endsWith("*");
      if (wild
          ? action.startsWith(pattern.substring(0, pattern.length() - 1))
          : action.equals(pattern)) {
        return true;
      }
    }
    return false;
  }
}
