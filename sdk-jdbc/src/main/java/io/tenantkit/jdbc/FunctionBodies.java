package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.DatabaseUnsafeException.Finding;
import io.tenantkit.jdbc.migrate.Migration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Functions as the migrations make them, to be held against those in the database. PostgreSQL keeps
 * a body as it was written; comments and spaces do not count, since some migration tools take them
 * out. Immutable.
 */
final class FunctionBodies {
  private static final Pattern DEFINITION =
      Pattern.compile(
          "^CREATE FUNCTION (tenantkit\\.\\w+)\\(.*?\\$function\\$(.*?)\\$function\\$;",
          Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern COMMENT = Pattern.compile("--[^\\n\\r]*");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private record Definition(String sql, String body) {}

  private final Map<String, Definition> byName = new HashMap<>();

  /** As of the newest migration. */
  FunctionBodies() {
    for (Migration migration : Migration.POSTGRESQL) {
      Matcher found = DEFINITION.matcher(migration.sql());
      while (found.find()) {
        byName.put(found.group(1), new Definition(found.group(), significant(found.group(2))));
      }
    }
  }

  private static String significant(String body) {
    return SPACE.matcher(COMMENT.matcher(body).replaceAll(" ")).replaceAll(" ").strip();
  }

  /**
   * What is wrong with a body.
   *
   * @param signature of a function on one of our lists
   * @param body as the database has it
   */
  Optional<Finding> judge(String signature, String body) {
    Definition ours = byName.get(signature.substring(0, signature.indexOf('(')));
    if (ours == null) {
      throw new TenantkitException(ErrorCode.INTERNAL, "no migration makes " + signature);
    }
    if (significant(body).equals(ours.body())) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            "function.changed",
            "function " + signature + " is not as its migration made it",
            ours.sql().replaceFirst("^CREATE ", "CREATE OR REPLACE ")));
  }
}
