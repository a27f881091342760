package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialMarks;
import io.tenantkit.vault.spi.Holdings;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretWrite;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Changes of secrets, and why one is refused. */
final class SecretWrites {
  private static final String REVISION =
      "SELECT revision FROM tenantkit.secrets WHERE organization_id = ? AND id = ?";
  private static final String VERSION =
      """
      SELECT version_number FROM tenantkit.secret_versions
       WHERE organization_id = ? AND secret_id = ? AND version_number = ?""";
  private static final String DESTROY =
      "DELETE FROM tenantkit.secrets s WHERE s.organization_id = ? AND s.id = ? AND s.revision = ?";
  private static final String TEAM =
      "SELECT id FROM tenantkit.teams WHERE organization_id = ? AND id = ?";
  private static final String PLAN = "SELECT plan FROM tenantkit.organizations WHERE id = ?";
  private static final String HOLDINGS =
      """
      SELECT s.project_id, p.name AS project_name, s.environment, count(*) AS secrets
        FROM tenantkit.secrets s
        JOIN tenantkit.projects p ON p.organization_id = s.organization_id AND p.id = s.project_id
       WHERE s.organization_id = ?
       GROUP BY s.project_id, p.name, s.environment""";

  private final Transactions transactions;

  SecretWrites(Transactions transactions) {
    this.transactions = transactions;
  }

  boolean writeAll(TenantContext context, List<SecretWrite> writes) {
    SecretSteps steps = new SecretSteps(transactions.dialect(), context);
    writes.forEach(steps::add);
    return Refusals.attempt(
        transactions,
        context,
        steps.steps(),
        steps::allCounted,
        session -> {
          requirePlan(session, context, writes);
          claim(session, writes);
        },
        session -> anyIsTaken(session, context, writes));
  }

  private void claim(Session session, List<SecretWrite> writes) throws SQLException {
    for (SecretWrite write : writes) {
      Secret secret = write.secret();
      if (write.claim().isPresent()
          && !CredentialClaims.claim(
              session,
              transactions.dialect(),
              secret,
              secret.stages().newest(),
              write.claim().get(),
              secret.updatedAt())) {
        throw CredentialMarks.taken();
      }
    }
  }

  /**
   * Each event has locked the head of the organization's chain by now, so that nobody else adds
   * until this ends.
   */
  private static void requirePlan(Session session, TenantContext context, List<SecretWrite> writes)
      throws SQLException {
    List<Secret> added = SecretWrite.limited(writes);
    if (added.isEmpty()) {
      return;
    }
    String organization = context.organization().value();
    String plan =
        session.first(PLAN, p -> p.text(organization), row -> row.text("plan")).orElse("");
    PlanLimits limits = SecretWrite.plans(writes).limits(plan);
    if (limits.isUnlimited()) {
      return;
    }
    Holdings all = new Holdings();
    session.query(
        HOLDINGS,
        p -> p.text(organization),
        row ->
            all.add(
                row.text("project_id"),
                row.text("project_name"),
                Environment.valueOf(row.text("environment")),
                row.number("secrets")));
    all.require(limits, added);
  }

  private static boolean anyIsTaken(
      Session session, TenantContext context, List<SecretWrite> writes) throws SQLException {
    for (SecretWrite write : writes) {
      if (write.before().isPresent()
          ? isChanged(session, context, write)
          : isTaken(session, context, write.secret())) {
        return true;
      }
      if (isTeamGone(session, context, write.teams().orElse(Collections.emptySortedSet()))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTaken(Session session, TenantContext context, Secret secret)
      throws SQLException {
    Optional<String> project = JdbcSecrets.findProject(session, context, secret.ref().project());
    return (project.isPresent() && !project.get().equals(secret.projectId()))
        || session
            .first(
                REVISION,
                p -> p.text(context.organization().value()).text(secret.id().value()),
                row -> row.number("revision"))
            .isPresent()
        || JdbcSecrets.isTaken(session, context, secret.ref());
  }

  private static boolean isTeamGone(
      Session session, TenantContext context, Collection<TeamId> teams) throws SQLException {
    for (TeamId team : teams) {
      if (session
          .first(
              TEAM,
              p -> p.text(context.organization().value()).text(team.value()),
              row -> row.text("id"))
          .isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isChanged(Session session, TenantContext context, SecretWrite write)
      throws SQLException {
    String organization = context.organization().value();
    String id = write.secret().id().value();
    Optional<Long> revision =
        session.first(REVISION, p -> p.text(organization).text(id), row -> row.number("revision"));
    if (revision.isEmpty()
        || revision.get() != write.before().map(Secret::revision).orElse(0L).longValue()) {
      return true;
    }
    long added = write.added().map(version -> version.number()).orElse(0L);
    return session
        .first(
            VERSION,
            p -> p.text(organization).text(id).number(added),
            row -> row.number("version_number"))
        .isPresent();
  }

  boolean destroy(TenantContext context, Secret secret, AuditEvent event) {
    SecretSight sight = SecretSight.of(context);
    OwnRows.require(context.organization(), event.organization());
    SecretSteps steps = new SecretSteps(transactions.dialect(), context);
    steps.step(
        true,
        DESTROY + sight.condition(),
        p -> {
          p.text(context.organization().value())
              .text(secret.id().value())
              .number(secret.revision());
          sight.bind(p);
        });
    steps.removeTags(secret);
    steps.step(false, JdbcAudit.insert(event));
    return transactions.write(
        context,
        session -> {
          try {
            return steps.allCounted(session.execute(steps.steps())) || session.undo();
          } catch (SQLException e) {
            // Only the event refers to another row: the organization that is not there.
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              return session.undo();
            }
            throw e;
          }
        });
  }

  boolean restore(TenantContext context, SecretHistory history, AuditEvent event) {
    SecretSteps steps = new SecretSteps(transactions.dialect(), context);
    steps.restore(history, event);
    return Refusals.attempt(
        transactions,
        context,
        steps.steps(),
        steps::allCounted,
        checked -> {},
        session ->
            isTaken(session, context, history.secret())
                || isTeamGone(session, context, history.teams()));
  }
}
