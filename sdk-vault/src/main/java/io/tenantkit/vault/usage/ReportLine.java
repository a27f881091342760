package io.tenantkit.vault.usage;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A line of a compliance report. Lines come in the order of the types here, each type in an order
 * of its own: the same rows, the same report.
 */
public sealed interface ReportLine {

  /**
   * The first line.
   *
   * @param from the first day's beginning, UTC
   * @param until the moment after the last
   * @param madeAt when it was made
   * @param environments whose uses it tells of
   * @param secretsNamed whether the caller may list secrets; without, secrets have no names and
   *     what is overdue is not told
   */
  record Header(
      OrganizationId organization,
      Instant from,
      Instant until,
      Instant madeAt,
      List<Environment> environments,
      boolean secretsNamed)
      implements ReportLine {
    public Header {
      environments = environments.stream().sorted().toList();
    }
  }

  /**
   * What an actor did with a secret in that time. By secret id, actor and environment.
   *
   * @param secretName {@code project/name} while there is such a secret and the caller may see it
   */
  record Access(ActorAccess access, Optional<String> secretName) implements ReportLine {}

  /**
   * What was changed in that time, as the trail has it, in its order; uses and reveals are no
   * changes.
   *
   * @param seq its number in the trail
   */
  record Change(AuditEvent event, long seq) implements ReportLine {}

  /** A secret that should have been rotated. In the order of its source. */
  record Overdue(OverdueRotations.Rotation rotation) implements ReportLine {}

  /** What was unusual in that time, by day. */
  record Unusual(Finding finding) implements ReportLine {}

  /** An API key that works and never ends. By id. */
  record KeyWithoutExpiry(String id, String name, String createdBy, Instant createdAt)
      implements ReportLine {}

  /** The last line: how many of each came before it. */
  record Totals(long accesses, long changes, long overdue, long unusual, long keysWithoutExpiry)
      implements ReportLine {}
}
