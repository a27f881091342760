package io.tenantkit.memory;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.oidc.ExternalOrganization;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Pairs of issuer and external organization. */
final class MemoryExternalOrganizations implements ExternalOrganizationStore {
  private final MemoryEngine engine;
  private final MemoryCoreStores core;
  private final MemoryTable<RowKey, ExternalOrganization> rows;

  MemoryExternalOrganizations(MemoryEngine engine, MemoryCoreStores core) {
    this.engine = engine;
    this.core = core;
    this.rows = engine.table();
  }

  @Override
  public void insert(Operator operator, ExternalOrganization added, AuditEvent event) {
    engine.run(
        operator,
        () -> {
          OwnRows.require(added.organization(), event.organization());
          if (core.organization(added.organization()) == null) {
            throw new NotFoundException("organization");
          }
          RowKey key = new RowKey(added.organization(), added.id());
          if (rows.get(key) != null || pair(added.issuer(), added.externalId()).isPresent()) {
            throw new ConflictException("external organization is registered already");
          }
          rows.put(key, added);
          core.write(event);
          return true;
        });
  }

  @Override
  public boolean delete(
      Operator operator,
      OrganizationId organization,
      String issuer,
      String externalId,
      AuditEvent event) {
    return engine.run(
        operator,
        () -> {
          OwnRows.require(organization, event.organization());
          Optional<ExternalOrganization> row =
              pair(issuer, externalId).filter(found -> found.organization().equals(organization));
          if (row.isEmpty()) {
            return false;
          }
          rows.remove(new RowKey(organization, row.get().id()));
          core.write(event);
          return true;
        });
  }

  @Override
  public List<ExternalOrganization> list(
      Operator operator, OrganizationId organization, @Nullable String afterId, int limit) {
    return engine.run(
        operator,
        () ->
            rows.after(new RowKey(organization, afterId == null ? "" : afterId)).stream()
                .takeWhile(row -> row.organization().equals(organization))
                .limit(limit)
                .toList());
  }

  @Override
  public Optional<Tenant> lookup(String issuer, String externalId) {
    return engine.run(
        () ->
            pair(issuer, externalId)
                .flatMap(row -> Optional.ofNullable(core.organization(row.organization())))
                .map(owner -> tenant(owner)));
  }

  private static Tenant tenant(Organization owner) {
    return new Tenant(owner.id(), owner.status());
  }

  private Optional<ExternalOrganization> pair(String issuer, String externalId) {
    Stream<ExternalOrganization> all = rows.all().stream();
    return all.filter(row -> row.issuer().equals(issuer) && row.externalId().equals(externalId))
        .findFirst();
  }
}
