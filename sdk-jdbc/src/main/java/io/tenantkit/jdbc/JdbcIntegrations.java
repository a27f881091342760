package io.tenantkit.jdbc;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.IntegrationStatus;
import io.tenantkit.vault.integration.Verdict;
import io.tenantkit.vault.spi.IntegrationStore;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Integrations: what may be shown. Their credentials are secrets like others. */
final class JdbcIntegrations implements IntegrationStore {
  private static final String SELECT =
      """
      SELECT organization_id, id, provider, environment, name, status, config, verdict, error_message, credential_version,
             created_by, created_at, updated_at, last_used_at, last_verified_at, next_check_at, version
        FROM tenantkit.integrations
      """;
  private static final String FIND = SELECT + " WHERE organization_id = ? AND id = ?";
  private static final String LIST =
      SELECT
          + " WHERE organization_id = ? AND environment IN (?, ?, ?) AND id > ?\n ORDER BY id\n LIMIT ?";
  private static final String IS_DUE = " AND next_check_at <= ? AND status <> 'disabled'";
  private static final String DUE =
      SELECT + " WHERE organization_id = ? AND id > ?" + IS_DUE + "\n ORDER BY id\n LIMIT ?";
  private static final String INSERT =
      """
      INSERT INTO tenantkit.integrations
        (organization_id, id, provider, environment, name, status, config, verdict, error_message, credential_version,
         created_by, created_at, updated_at, last_used_at, last_verified_at, next_check_at, version)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String UPDATE =
      """
      UPDATE tenantkit.integrations
         SET name = ?, status = ?, config = ?, verdict = ?, error_message = ?, credential_version = ?, updated_at = ?,
             last_verified_at = ?, version = ?""";
  private static final String AT_VERSION =
      "\n WHERE organization_id = ? AND id = ? AND version = ?";
  private static final String USED =
      """
      UPDATE tenantkit.integrations
         SET last_used_at = ?
       WHERE organization_id = ? AND id = ? AND (last_used_at IS NULL OR last_used_at < ?)""";
  private static final String CLAIM =
      "UPDATE tenantkit.integrations SET next_check_at = ? WHERE organization_id = ? AND id = ?"
          + IS_DUE;
  private static final String DELETE = "DELETE FROM tenantkit.integrations" + AT_VERSION;
  private static final String ORGANIZATIONS_H2 =
      """
      SELECT DISTINCT i.organization_id
        FROM tenantkit.integrations i
        JOIN tenantkit.organizations o ON o.id = i.organization_id AND o.status = 'ACTIVE'
       WHERE i.next_check_at <= ? AND i.status <> 'disabled' AND i.organization_id > ?
       ORDER BY i.organization_id
       LIMIT ?""";
  private static final String ORGANIZATIONS_POSTGRESQL =
      "SELECT organization_id FROM tenantkit.organizations_with_due_integrations(?, ?, ?)";

  private static final int NAME_LENGTH = 128;
  private static final int MESSAGE_LENGTH = 300;

  private final Transactions transactions;

  JdbcIntegrations(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public boolean insert(TenantContext context, Integration added, AuditEvent event) {
    OwnRows.require(context.organization(), added.organization(), event.organization());
    String config = Json.details(added.config());
    Step insert =
        new Step(
            INSERT,
            p ->
                p.text(added.organization().value())
                    .text(added.id().value())
                    .text(added.provider())
                    .text(added.environment().name())
                    .text(added.name())
                    .text(added.status().lowerCaseName())
                    .text(config)
                    .text(added.verdict().map(Verdict::name).orElse(null))
                    .text(added.errorMessage().orElse(null))
                    .number(added.credentialVersion())
                    .text(added.createdBy())
                    .time(added.createdAt())
                    .time(added.updatedAt())
                    .time(added.lastUsedAt())
                    .time(added.lastVerifiedAt())
                    .time(added.nextCheckAt())
                    .number(added.version()));
    return Refusals.attempt(
        transactions,
        context,
        List.of(insert, JdbcAudit.insert(event)),
        session -> find(session, context, added.id()).isPresent());
  }

  @Override
  public Optional<Integration> find(TenantContext context, IntegrationId id) {
    return transactions.read(context, session -> find(session, context, id));
  }

  private static Optional<Integration> find(
      Session session, TenantContext context, IntegrationId id) throws SQLException {
    return session.first(
        FIND,
        p -> p.text(context.organization().value()).text(id.value()),
        JdbcIntegrations::integration);
  }

  @Override
  public List<Integration> list(TenantContext context, @Nullable String afterId, int limit) {
    List<Environment> reach = List.copyOf(context.environments());
    return transactions.read(
        context,
        session ->
            session.query(
                LIST,
                p -> {
                  p.text(context.organization().value());
                  for (int i = 0; i < Environment.values().length; i++) {
                    p.text(reach.get(Math.min(i, reach.size() - 1)).name());
                  }
                  p.text(afterId == null ? "" : afterId).integer(limit);
                },
                JdbcIntegrations::integration));
  }

  @Override
  public boolean update(
      TenantContext context,
      Integration changed,
      long expectedVersion,
      boolean reschedule,
      Optional<AuditEvent> event) {
    OwnRows.require(context.organization(), changed.organization());
    event.ifPresent(each -> OwnRows.require(context.organization(), each.organization()));
    String config = Json.details(changed.config());
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Step(
            UPDATE + (reschedule ? ", next_check_at = ?" : "") + AT_VERSION,
            p -> {
              p.text(changed.name())
                  .text(changed.status().lowerCaseName())
                  .text(config)
                  .text(changed.verdict().map(Verdict::name).orElse(null))
                  .text(changed.errorMessage().orElse(null))
                  .number(changed.credentialVersion())
                  .time(changed.updatedAt())
                  .time(changed.lastVerifiedAt())
                  .number(changed.version());
              if (reschedule) {
                p.time(changed.nextCheckAt());
              }
              p.text(context.organization().value())
                  .text(changed.id().value())
                  .number(expectedVersion);
            }));
    event.ifPresent(each -> steps.add(JdbcAudit.insert(each)));
    return change(context, steps);
  }

  @Override
  public void used(TenantContext context, IntegrationId id, Instant at) {
    change(
        context,
        List.of(
            new Step(
                USED,
                p -> p.time(at).text(context.organization().value()).text(id.value()).time(at))));
  }

  @Override
  public boolean delete(
      TenantContext context, IntegrationId id, long expectedVersion, AuditEvent event) {
    OwnRows.require(context.organization(), event.organization());
    return change(
        context,
        List.of(
            new Step(
                DELETE,
                p ->
                    p.text(context.organization().value())
                        .text(id.value())
                        .number(expectedVersion)),
            JdbcAudit.insert(event)));
  }

  @Override
  public List<OrganizationId> organizationsDue(Instant now, @Nullable String afterId, int limit) {
    return transactions.read(
        session ->
            session.query(
                transactions.dialect() == Dialect.POSTGRESQL
                    ? ORGANIZATIONS_POSTGRESQL
                    : ORGANIZATIONS_H2,
                p -> p.time(now).text(afterId == null ? "" : afterId).integer(limit),
                row -> OrganizationId.of(row.text("organization_id"))));
  }

  @Override
  public List<Integration> due(
      TenantContext context, Instant now, @Nullable String afterId, int limit) {
    return transactions.read(
        context,
        session ->
            session.query(
                DUE,
                p ->
                    p.text(context.organization().value())
                        .text(afterId == null ? "" : afterId)
                        .time(now)
                        .integer(limit),
                JdbcIntegrations::integration));
  }

  @Override
  public boolean claim(TenantContext context, IntegrationId id, Instant now, Instant dueAgainAt) {
    return change(
        context,
        List.of(
            new Step(
                CLAIM,
                p ->
                    p.time(dueAgainAt)
                        .text(context.organization().value())
                        .text(id.value())
                        .time(now))));
  }

  /** Whether the first statement found its row; when not, nothing is written. */
  private boolean change(TenantContext context, List<Step> steps) {
    return transactions.write(
        context,
        session -> {
          try {
            return session.execute(steps)[0] == 1 || session.undo();
          } catch (SQLException e) {
            return switch (transactions.dialect().classify(e)) {
              // Only the event refers to another row: the organization that is not there.
              case MISSING_PARENT -> session.undo();
              case DUPLICATE -> throw JdbcAudit.exists();
              default -> throw e;
            };
          }
        });
  }

  private static Integration integration(Row row) throws SQLException {
    return new Integration(
        new IntegrationId(row.text("id")),
        OrganizationId.of(row.text("organization_id")),
        row.text("provider"),
        Environment.valueOf(row.text("environment")),
        Legible.text(row.text("name"), NAME_LENGTH).orElse("-"),
        IntegrationStatus.valueOf(row.text("status").toUpperCase(Locale.ROOT)),
        Json.details(row.text("config")),
        Optional.ofNullable(row.textOrNull("verdict")).map(Verdict::valueOf),
        Optional.ofNullable(row.textOrNull("error_message"))
            .flatMap(text -> Legible.text(text, MESSAGE_LENGTH)),
        row.number("credential_version"),
        row.text("created_by"),
        row.time("created_at"),
        row.time("updated_at"),
        row.optionalTime("last_used_at"),
        row.optionalTime("last_verified_at"),
        row.time("next_check_at"),
        row.number("version"));
  }
}
