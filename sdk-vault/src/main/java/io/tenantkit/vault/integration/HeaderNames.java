package io.tenantkit.vault.integration;

import java.util.Locale;
import java.util.Set;

/** Which headers a template may set. */
final class HeaderNames {
  /** What says where a message ends, where it goes or who sent it is not a template's to say. */
  private static final Set<String> REFUSED =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "cookie",
          "forwarded",
          "via",
          "accept-encoding",
          "keep-alive");

  private HeaderNames() {}

  /** Whether it is a lower or mixed case name of letters, digits and hyphens. */
  static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= 64
        && name.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '-');
  }

  static boolean maySet(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return isName(name)
        && !REFUSED.contains(lower)
        && !lower.startsWith("proxy-")
        && !lower.startsWith("x-forwarded-");
  }
}
