package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A role, grant, table, view, function or policy makes row level security void, so the storage does
 * not start.
 */
public final class DatabaseUnsafeException extends TenantkitException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient List<Finding> findings;

  /**
   * One thing that is wrong.
   *
   * @param code a stable name, for example {@code role.superuser}
   * @param problem what is wrong
   * @param remedy the SQL that mends it, to be run by a DBA
   */
  public record Finding(String code, String problem, String remedy) {}

  DatabaseUnsafeException(List<Finding> findings) {
    super(
        ErrorCode.DATABASE_UNSAFE,
        findings.stream()
            .map(f -> f.problem() + "; mend it with: " + f.remedy())
            .collect(Collectors.joining("\n")));
    this.findings = List.copyOf(findings);
  }

  /** Everything that is wrong, so that all of it may be mended at once. */
  public List<Finding> findings() {
    return findings;
  }
}
