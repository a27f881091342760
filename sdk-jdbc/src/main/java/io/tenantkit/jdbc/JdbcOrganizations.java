package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Organizations. */
final class JdbcOrganizations implements OrganizationStore {
  private static final String INSERT =
      """
      INSERT INTO tenantkit.organizations
        (name, status, plan, metadata, rate_limit, key_policy, created_at, updated_at, version, id)
      VALUES (?, ?, ?, ?json, ?json, ?json, ?, ?, ?, ?)""";
  private static final String FIND =
      """
      SELECT id, name, status, plan, metadata, rate_limit, key_policy, created_at, updated_at, version
        FROM tenantkit.organizations
       WHERE id = ?""";
  private static final String LIST =
      """
      SELECT id, name, status, plan, metadata, rate_limit, key_policy, created_at, updated_at, version
        FROM tenantkit.organizations
       WHERE id > ?
       ORDER BY id
       LIMIT ?""";
  private static final String UPDATE =
      """
      UPDATE tenantkit.organizations
         SET name = ?, status = ?, plan = ?, metadata = ?json, rate_limit = ?json, key_policy = ?json, created_at = ?,
             updated_at = ?, version = ?
       WHERE id = ? AND version = ?""";

  private final Transactions transactions;

  JdbcOrganizations(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public void insert(Operator operator, Organization organization, AuditEvent event) {
    OwnRows.require(organization.id(), event.organization());
    transactions.<Boolean>write(
        operator,
        session -> {
          try {
            session.execute(
                new Step(
                    INSERT,
                    p -> {
                      changeable(p, organization);
                      p.text(organization.id().value());
                    }),
                JdbcAudit.insert(event));
            return true;
          } catch (SQLException e) {
            if (transactions.dialect().classify(e) == Dialect.Failure.DUPLICATE) {
              throw new ConflictException("organization exists already");
            }
            throw e;
          }
        });
  }

  @Override
  public Optional<Organization> find(Operator operator, OrganizationId id) {
    return transactions.read(
        operator,
        session -> session.first(FIND, p -> p.text(id.value()), JdbcOrganizations::organization));
  }

  @Override
  public Optional<Organization> find(TenantContext context) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND,
                p -> p.text(context.organization().value()),
                JdbcOrganizations::organization));
  }

  @Override
  public List<Organization> list(Operator operator, @Nullable String afterId, int limit) {
    return transactions.read(
        operator,
        session ->
            session.query(
                LIST,
                p -> p.text(afterId == null ? "" : afterId).integer(limit),
                JdbcOrganizations::organization));
  }

  @Override
  public boolean update(
      Operator operator, Organization changed, long expectedVersion, AuditEvent event) {
    OwnRows.require(changed.id(), event.organization());
    return transactions.write(
        operator,
        session -> {
          try {
            int[] counts =
                session.execute(
                    new Step(
                        UPDATE,
                        p -> {
                          changeable(p, changed);
                          p.text(changed.id().value()).number(expectedVersion);
                        }),
                    JdbcAudit.insert(event));
            return counts[0] == 1 || session.undo();
          } catch (SQLException e) {
            // Only the event refers to another row: the organization that is not there.
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              return session.undo();
            }
            throw e;
          }
        });
  }

  private static void changeable(Params p, Organization organization) throws SQLException {
    OrganizationSettings settings = organization.settings();
    p.text(organization.name())
        .text(organization.status().name())
        .text(settings.plan())
        .text(Json.details(settings.metadata()))
        .text(settings.pool().isEmpty() ? null : SettingsJson.limits(settings.pool()))
        .text(SettingsJson.policy(settings.keys()))
        .time(organization.createdAt())
        .time(organization.updatedAt())
        .number(organization.version());
  }

  private static Organization organization(Row row) throws SQLException {
    return new Organization(
        OrganizationId.of(row.text("id")),
        Legible.text(row.text("name"), 255).orElse("-"),
        Organization.Status.valueOf(row.text("status")),
        new OrganizationSettings(
            row.text("plan"),
            SettingsJson.metadata(row.text("metadata")),
            SettingsJson.limits(row.textOrNull("rate_limit")),
            SettingsJson.policy(row.text("key_policy"))),
        row.time("created_at"),
        row.time("updated_at"),
        row.number("version"));
  }
}
