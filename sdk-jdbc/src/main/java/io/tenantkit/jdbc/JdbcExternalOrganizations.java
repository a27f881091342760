package io.tenantkit.jdbc;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.oidc.ExternalOrganization;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pairs of issuer and external organization. */
final class JdbcExternalOrganizations implements ExternalOrganizationStore {
  private static final String INSERT =
      """
      INSERT INTO tenantkit.external_organizations (organization_id, id, issuer, external_id, created_by, created_at)
      VALUES (?, ?, ?, ?, ?, ?)""";
  private static final String DELETE =
      "DELETE FROM tenantkit.external_organizations WHERE organization_id = ? AND issuer = ? AND external_id = ?";
  private static final String LIST =
      """
      SELECT organization_id, id, issuer, external_id, created_by, created_at
        FROM tenantkit.external_organizations
       WHERE organization_id = ? AND id > ?
       ORDER BY id
       LIMIT ?""";
  private static final String LOOKUP_H2 =
      """
      SELECT e.organization_id, o.status AS organization_status
        FROM tenantkit.external_organizations e
        JOIN tenantkit.organizations o ON o.id = e.organization_id
       WHERE e.issuer = ? AND e.external_id = ?""";
  private static final String LOOKUP_POSTGRESQL =
      "SELECT organization_id, organization_status FROM tenantkit.organization_by_external_id(?, ?)";

  private final Transactions transactions;
  private final String lookup;

  JdbcExternalOrganizations(Transactions transactions) {
    this.transactions = transactions;
    this.lookup = transactions.dialect() == Dialect.POSTGRESQL ? LOOKUP_POSTGRESQL : LOOKUP_H2;
  }

  @Override
  public void insert(Operator operator, ExternalOrganization added, AuditEvent event) {
    OwnRows.require(added.organization(), event.organization());
    transactions.<Boolean>write(
        operator,
        session -> {
          try {
            session.execute(insert(added), JdbcAudit.insert(event));
            return true;
          } catch (SQLException e) {
            switch (transactions.dialect().classify(e)) {
              case DUPLICATE ->
                  throw new ConflictException("external organization is registered already");
              case MISSING_PARENT -> throw new NotFoundException("organization");
              default -> throw e;
            }
          }
        });
  }

  private static Step insert(ExternalOrganization added) {
    return new Step(
        INSERT,
        p ->
            p.text(added.organization().value())
                .text(added.id())
                .text(added.issuer())
                .text(added.externalId())
                .text(added.createdBy())
                .time(added.createdAt()));
  }

  @Override
  public boolean delete(
      Operator operator,
      OrganizationId organization,
      String issuer,
      String externalId,
      AuditEvent event) {
    OwnRows.require(organization, event.organization());
    return transactions.write(
        operator,
        session -> {
          try {
            int[] counts =
                session.execute(
                    new Step(
                        DELETE, p -> p.text(organization.value()).text(issuer).text(externalId)),
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

  @Override
  public List<ExternalOrganization> list(
      Operator operator, OrganizationId organization, @Nullable String afterId, int limit) {
    return transactions.read(
        operator,
        session ->
            session.query(
                LIST,
                p ->
                    p.text(organization.value())
                        .text(afterId == null ? "" : afterId)
                        .integer(limit),
                JdbcExternalOrganizations::row));
  }

  @Override
  public Optional<Tenant> lookup(String issuer, String externalId) {
    return transactions.read(
        session ->
            session.first(
                lookup,
                p -> p.text(issuer).text(externalId),
                row ->
                    new Tenant(
                        OrganizationId.of(row.text("organization_id")),
                        Organization.Status.valueOf(row.text("organization_status")))));
  }

  private static ExternalOrganization row(Row row) throws SQLException {
    return new ExternalOrganization(
        row.text("id"),
        OrganizationId.of(row.text("organization_id")),
        row.text("issuer"),
        row.text("external_id"),
        row.text("created_by"),
        row.time("created_at"));
  }
}
