package io.tenantkit.jdbc.migrate;

import io.tenantkit.InvalidInputException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The names of PostgreSQL's four roles. A DBA makes them with {@link #script()}, or with psql and
 * the same file.
 *
 * @param owner owns the tables and migrates them
 * @param application the running application's
 * @param admin the operators'
 * @param lookup owns the cross-tenant functions; nobody logs in as it
 */
public record DatabaseRoles(String owner, String application, String admin, String lookup) {
  private static final int MAX_BYTES = 63;
  private static final String SCRIPT = "/io/tenantkit/jdbc/postgresql/roles.sql";

  public DatabaseRoles {
    for (String name : List.of(owner, application, admin, lookup)) {
      if (name.isEmpty()
          || name.length() > MAX_BYTES
          || name.chars().anyMatch(c -> c < ' ' || c > '~')) {
        throw new InvalidInputException("role", "1 to 63 printable ASCII characters");
      }
    }
  }

  /** The names that the script takes unless told others. */
  public static DatabaseRoles defaults() {
    return new DatabaseRoles(
        "tenantkit_owner", "tenantkit_app", "tenantkit_admin", "tenantkit_lookup");
  }

  /**
   * The DBA's script for these names, ready to be run over one connection with auto-commit on. It
   * sets no password.
   */
  public String script() {
    return Migration.resource(SCRIPT)
        .lines()
        .filter(line -> !line.startsWith("\\"))
        .collect(Collectors.joining("\n"))
        .replace(":'owner'", literal(owner))
        .replace(":'application'", literal(application))
        .replace(":'admin'", literal(admin))
        .replace(":'lookup'", literal(lookup));
  }

  private static String literal(String text) {
    String quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'";
    return text.indexOf('\\') >= 0 ? " E" + quoted : quoted;
  }
}
