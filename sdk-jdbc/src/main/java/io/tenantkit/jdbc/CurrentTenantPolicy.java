package io.tenantkit.jdbc;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Judges the text of a policy, as the catalog prints it: it must be exactly "this column is the
 * current tenant", for what merely mentions the tenant may still open all.
 */
final class CurrentTenantPolicy {
  private static final Pattern BLANKS = Pattern.compile("\\s");
  private static final String CAST =
      "(?:::(?:text|uuid|bigint|integer|charactervarying(?:\\(\\d+\\))?))?";
  private static final String SETTING =
      "NULLIF\\(current_setting\\('app\\.organization_id'::text,true\\),''::text\\)";
  private static final String SOURCE =
      "\\(?(?:(?:tenantkit\\.)?get_current_tenant_id\\(\\)|" + SETTING + ")\\)?" + CAST;
  private static final String TENANT =
      "(?:" + SOURCE + "|\\(SELECT" + SOURCE + "AS\"?\\w+\"?\\)" + CAST + ")";

  private CurrentTenantPolicy() {}

  /**
   * Whether the expression holds a role to one tenant.
   *
   * @param column as SQL writes it, quoted where it must be
   * @param expression null for none, which is for the caller to judge
   */
  static boolean holds(String column, @Nullable String expression) {
    if (expression == null) {
      return false;
    }
    String text = BLANKS.matcher(expression).replaceAll("");
    String own = Pattern.quote(BLANKS.matcher(column).replaceAll(""));
    return text.matches("\\(\\(?" + own + "\\)?" + CAST + "=" + TENANT + "\\)");
  }

  /** Whether a policy for this command reads rows, and whether it writes some. */
  static boolean reads(String command) {
    return !command.toLowerCase(Locale.ROOT).equals("a");
  }

  /** As {@link #reads}; commands are written as in {@code pg_policy}. */
  static boolean writes(String command) {
    return switch (command) {
      case "*", "a", "w" -> true;
      default -> false;
    };
  }
}
