package io.tenantkit.audit;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.ChainVerification.Broken;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Removes old events and leaves a signed anchor, so that what remains still verifies. */
final class AuditRetention {
  private static final int PAGE = 1_000;

  private final PlaneRuntime runtime;
  private final AuditKeys keys;
  private final ChainVerifier verifier;
  private final CheckpointSigner signer;

  AuditRetention(
      PlaneRuntime runtime, AuditKeys keys, ChainVerifier verifier, CheckpointSigner signer) {
    this.runtime = runtime;
    this.keys = keys;
    this.verifier = verifier;
    this.signer = signer;
  }

  /** As {@link AuditLog#prune}. */
  long prune(Operator operator, OrganizationId organization, Instant before) {
    if (runtime.coreStores().organizations().find(operator, organization).isEmpty()) {
      throw new NotFoundException("organization");
    }
    TenantContext context = TenantContext.trusted(organization, operator.actor());
    Instant now = runtime.now();
    Optional<AuditCheckpoint> signed = signer.sign(organization, now);
    long last = signed.map(AuditCheckpoint::seq).orElse(0L);
    ChainWalk walk = verifier.fromAnchor(context);
    Optional<Broken> broken =
        verifier.walkWhile(context, walk, row -> row.seq() <= last && row.at().isBefore(before));
    if (broken.isPresent()) {
      throw new ConflictException(
          "the audit chain is broken at " + broken.get().seq() + ": nothing was removed");
    }
    if (walk.events() == 0) {
      return 0;
    }
    AuditCheckpoint anchor =
        keys.sign(organization, AuditCheckpoint.Kind.ANCHOR, walk.seq(), walk.hash(), now);
    AuditEvent event =
        runtime
            .event(operator, organization, now, "audit.pruned")
            .with(Map.of("before", before.toString(), "anchor", anchor.text()));
    return runtime.coreStores().auditCheckpoints().prune(operator, anchor, event);
  }

  /**
   * Prunes every organization by the policy. One that cannot be pruned does not hide the others.
   */
  void pruneDue(Duration retention, Instant now) {
    EachOrganization each = new EachOrganization();
    Operator operator =
        Operator.trusted("tenantkit.retention", "events are kept for " + retention.toDays() + " d");
    @Nullable String after = null;
    List<Organization> page;
    do {
      page = runtime.coreStores().organizations().list(operator, after, PAGE);
      for (Organization organization : page) {
        after = organization.id().value();
        each.attempt(() -> prune(operator, organization.id(), now.minus(retention)));
      }
    } while (page.size() == PAGE);
    each.end();
  }
}
