package io.tenantkit.audit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The trail over the storage. */
final class StoredAuditLog implements AuditLog {
  private final PlaneRuntime runtime;
  private final CoreStores stores;
  private final ChainVerifier verifier;
  private final CheckpointSigner signer;
  private final AuditRetention retention;
  private final AuditExport export;

  StoredAuditLog(
      PlaneRuntime runtime,
      ChainVerifier verifier,
      CheckpointSigner signer,
      AuditRetention retention) {
    this.runtime = runtime;
    this.stores = runtime.coreStores();
    this.verifier = verifier;
    this.signer = signer;
    this.retention = retention;
    this.export = new AuditExport(stores);
  }

  @Override
  public Page<AuditEvent> list(TenantContext context, PageRequest page) {
    Page<AuditRecord> records = records(context, page);
    return new Page<>(records.items().stream().map(AuditRecord::event).toList(), records.next());
  }

  @Override
  public Page<AuditRecord> records(TenantContext context, PageRequest page) {
    context.require(Scopes.AUDIT_READ);
    List<AuditRecord> rows = stores.audit().records(context, after(page), page.limit() + 1);
    return page.page(rows, row -> Long.toString(row.seq()));
  }

  private static long after(PageRequest page) {
    String seq = page.afterId();
    try {
      return seq == null ? Long.MIN_VALUE : Long.parseLong(seq);
    } catch (NumberFormatException e) {
      throw new InvalidInputException("cursor", "a cursor that a page gave");
    }
  }

  @Override
  public ChainVerification verify(TenantContext context) {
    return verified(context, null);
  }

  @Override
  public ChainVerification verify(TenantContext context, AuditCheckpoint checkpoint) {
    return verified(context, Objects.requireNonNull(checkpoint, "checkpoint"));
  }

  private ChainVerification verified(TenantContext context, @Nullable AuditCheckpoint checkpoint) {
    context.require(Scopes.AUDIT_READ);
    return verifier.verify(context, checkpoint);
  }

  @Override
  public ChainVerification verify(Operator operator, OrganizationId organization) {
    return verifier.verify(acting(operator, organization), null);
  }

  @Override
  public ChainVerification verify(
      Operator operator, OrganizationId organization, AuditCheckpoint checkpoint) {
    return verifier.verify(
        acting(operator, organization), Objects.requireNonNull(checkpoint, "checkpoint"));
  }

  @Override
  public Optional<AuditCheckpoint> checkpoint(Operator operator, OrganizationId organization) {
    return signer.sign(acting(operator, organization).organization(), runtime.now());
  }

  @Override
  public long export(TenantContext context, long afterSeq, long throughSeq, Appendable to)
      throws IOException {
    context.require(Scopes.AUDIT_READ);
    return export.write(context, afterSeq, throughSeq, to);
  }

  @Override
  public long prune(Operator operator, OrganizationId organization, Instant before) {
    return retention.prune(operator, organization, Objects.requireNonNull(before, "before"));
  }

  /** The organization as a tenant, once the operator was found to reach it. */
  private TenantContext acting(Operator operator, OrganizationId organization) {
    if (stores.organizations().find(operator, organization).isEmpty()) {
      throw new NotFoundException("organization");
    }
    return TenantContext.trusted(organization, operator.actor());
  }
}
