package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Environment;
import java.util.Objects;

/**
 * Where a secret is found within its organization. Names are 1 to 128 characters of {@code A-Z a-z
 * 0-9 . _ -}, beginning with a letter or digit; case matters.
 *
 * @param project the project's name
 * @param environment the environment, fully apart from the others
 * @param name the secret's name
 */
public record SecretRef(String project, Environment environment, String name) {
  /** The longest name, in characters. */
  public static final int MAX_LENGTH = 128;

  public SecretRef {
    requireName("project", project);
    Objects.requireNonNull(environment, "environment");
    requireName("name", name);
  }

  /** The secret of this name. */
  public static SecretRef of(String project, Environment environment, String name) {
    return new SecretRef(project, environment, name);
  }

  static void requireName(String property, String name) {
    boolean ok = !name.isEmpty() && name.length() <= MAX_LENGTH && alphanumeric(name.charAt(0));
    for (int i = 1; ok && i < name.length(); i++) {
      char c = name.charAt(i);
      ok = alphanumeric(c) || c == '.' || c == '_' || c == '-';
    }
    if (!ok) {
      throw new InvalidInputException(
          property,
          "1 to 128 characters of A-Z, a-z, 0-9, '.', '_' and '-', beginning with a letter or digit");
    }
  }

  private static boolean alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
