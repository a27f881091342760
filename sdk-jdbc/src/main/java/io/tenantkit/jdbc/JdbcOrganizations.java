package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Organizations. */
final class JdbcOrganizations implements OrganizationStore {
  private static final String INSERT =
      """
      INSERT INTO tenantkit.organizations (id, name, status, created_at, updated_at, version)
      VALUES (?, ?, ?, ?, ?, ?)""";
  private static final String FIND =
      """
      SELECT id, name, status, created_at, updated_at, version
        FROM tenantkit.organizations
       WHERE id = ?""";
  private static final String LIST =
      """
      SELECT id, name, status, created_at, updated_at, version
        FROM tenantkit.organizations
       WHERE id > ?
       ORDER BY id
       LIMIT ?""";
  private static final String UPDATE =
      """
      UPDATE tenantkit.organizations
         SET name = ?, status = ?, created_at = ?, updated_at = ?, version = ?
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
                    p ->
                        p.text(organization.id().value())
                            .text(organization.name())
                            .text(organization.status().name())
                            .time(organization.createdAt())
                            .time(organization.updatedAt())
                            .number(organization.version())),
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
                        p ->
                            p.text(changed.name())
                                .text(changed.status().name())
                                .time(changed.createdAt())
                                .time(changed.updatedAt())
                                .number(changed.version())
                                .text(changed.id().value())
                                .number(expectedVersion)),
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

  private static Organization organization(Row row) throws SQLException {
    return new Organization(
        OrganizationId.of(row.text("id")),
        row.text("name"),
        Organization.Status.valueOf(row.text("status")),
        row.time("created_at"),
        row.time("updated_at"),
        row.number("version"));
  }
}
