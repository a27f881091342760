package io.tenantkit.vault.usage;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A line of a compliance report. Lines come in the order of the types here, each type in an order
 * of its own: the same rows, the same report. What is told of rows is so when the report is made;
 * what happened, within its time.
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

  /**
   * Whom a secret is for at the time that the report is made; what changed that before is among the
   * changes. By id. Whoever holds {@code secrets:manage} sees it whatever its level.
   *
   * @param owner whose it is
   * @param teams that it is shared with, when its level is for teams
   */
  record Entitled(
      SecretId secret, SecretRef ref, AccessLevel level, Actor owner, List<TeamShare> teams)
      implements ReportLine {
    public Entitled {
      teams = List.copyOf(teams);
    }
  }

  /**
   * A team that a secret is shared with.
   *
   * @param name its name, when the caller holds {@code teams:read}
   * @param members how many people, agents and keys are in it
   */
  record TeamShare(TeamId id, Optional<String> name, long members) {}

  /**
   * An API key that works, or a role, whose scopes reach secrets; of which ones, their levels say.
   * Keys by id, then roles in their own order. Who has a role, identity providers know.
   *
   * @param kind which of the two
   * @param id the key's id or the role's name
   * @param name the key's name; the role's again
   * @param createdBy who made the key; empty of a role
   * @param environments those in the caller's reach that it reaches
   * @param scopes which of those for secrets it holds
   */
  record Granted(
      Kind kind,
      String id,
      String name,
      String createdBy,
      List<Environment> environments,
      List<String> scopes)
      implements ReportLine {
    public Granted {
      environments = environments.stream().sorted().toList();
      scopes = List.copyOf(scopes);
    }

    /** What holds scopes. */
    public enum Kind {
      /** An API key. */
      API_KEY,
      /** A role. */
      ROLE
    }
  }

  /**
   * Something that works and departs from what is good policy. By rule, then by id.
   *
   * @param targetType {@code secret}, {@code api_key} or {@code organization}
   * @param target its id
   * @param name its name
   * @param environment where, when it is in one
   * @param why what departs, for people
   */
  record PolicyException(
      Rule rule,
      String targetType,
      String target,
      String name,
      Optional<Environment> environment,
      String why)
      implements ReportLine {

    /** What is departed from. */
    public enum Rule {
      /** The value is older than it should become, and no policy will rotate it. */
      SECRET_WITHOUT_ROTATION,
      /** A secret in production is for everybody of the organization. */
      PRODUCTION_SECRET_FOR_ALL,
      /** An API key works for ever. */
      KEY_WITHOUT_EXPIRY,
      /** An API key works from every address. */
      KEY_WITHOUT_ADDRESSES,
      /** An API key has neither a rate limit nor a budget of its own. */
      KEY_WITHOUT_LIMITS,
      /** There is more than the plan allows, as after it was made smaller. */
      PLAN_EXCEEDED
    }
  }

  /** The last line: how many of each came before it. */
  record Totals(
      long accesses,
      long changes,
      long overdue,
      long unusual,
      long keysWithoutExpiry,
      long entitled,
      long granted,
      long exceptions)
      implements ReportLine {}
}
